"""Drafts of packs among the packs they are to stand with: what is wrong with one, by file and line."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from amends.domain.policy.clauses import Layer
from amends.domain.policy.packs import load_pack
from amends.domain.policy.stack import Pack, PackError, Problem, check_stack
from amends.domain.policy.studio import TEXT_MAX, file_of
from amends.domain.policy.terms import in_force

PACK_ID = re.compile(r"[a-z][a-z0-9-]{1,39}")
_ENDS = datetime.max.replace(tzinfo=UTC)


def read_draft(pack_id: str, version: int, text: str, packs: Sequence[Pack]) -> Pack:
    """A draft's text as a pack that can stand on the others. `PackError` with every mistake by file and line.

    ``packs`` are those published; of each the newest counts, the draft's own earlier versions do not.
    """
    file = file_of(pack_id)
    if len(text) > TEXT_MAX:
        raise PackError([Problem(file, 1, "the text is too long", f"Use at most {TEXT_MAX} characters")])
    draft = load_pack(text, file)
    others = in_force(tuple(pack for pack in packs if pack.pack_id != pack_id), _ENDS)
    problems = [*_misnamed(draft, pack_id, version, text), *_named_twice(draft, others)]
    if problems:
        raise PackError(problems)
    check_stack((*others, draft))
    return draft


def _misnamed(draft: Pack, pack_id: str, version: int, text: str) -> Iterable[Problem]:
    line = line_of(text, r"\s*\[pack\]")
    if draft.pack_id != pack_id:
        what = f"the id is {draft.pack_id!r}, but this is a version of {pack_id!r}"
        yield Problem(draft.file, line_of(text, r"\s*id\s*=", line), what, f'Write id = "{pack_id}"')
    if draft.version != version:
        what = f"the version is {draft.version}, but this is version {version}"
        yield Problem(draft.file, line_of(text, r"\s*version\s*=", line), what, f"Write version = {version}")
    if draft.state != "draft":
        what = f"the state is {draft.state!r}, but publishing is a step of its own"
        yield Problem(
            draft.file, line_of(text, r"\s*state\s*=", line), what, "Leave state and published_from out"
        )
    if draft.layer is Layer.SELLER:
        what = "the layer is 'seller', but sellers set their policies themselves"
        yield Problem(draft.file, line_of(text, r"\s*layer\s*=", line), what, "Choose another layer")


def _named_twice(draft: Pack, others: Sequence[Pack]) -> Iterable[Problem]:
    """Terms name clauses by their ids alone: one id is one clause, whatever pack it stands in."""
    known = {clause.id: pack for pack in others for clause in pack.clauses}
    for clause in draft.clauses:
        if clause.id in known:
            what = f"clause {clause.id} stands in pack {known[clause.id].pack_id} already"
            yield Problem(draft.file, clause.line, what, "Give it another id")
        elif clause.id.startswith(("seller.", "extension.")):
            what = f"clause {clause.id} is named like those of sellers and agreements"
            yield Problem(draft.file, clause.line, what, "Give it another id")


def line_of(text: str, pattern: str, after: int = 1) -> int:
    """The first line from ``after`` on that begins with a pattern; ``after`` where none does."""
    for number, row in enumerate(text.splitlines(), 1):
        if number >= after and re.match(pattern, row):
            return number
    return after


def check_from(packs: Sequence[Pack], since: datetime) -> None:
    """Whether the packs can stand on each other from an instant on, at every change. `PackError` if not."""
    instants = {since}
    instants |= {
        pack.published_from
        for pack in packs
        if pack.published_from is not None and pack.published_from > since
    }
    for at in sorted(instants):
        check_stack(in_force(packs, at))


def new_text(pack_id: str, layer: Layer, title: str) -> str:
    """The beginning of a pack without clauses."""
    extends = 'extends = "default"\n' if layer is Layer.PLATFORM else ""
    said = title.replace("\\", "\\\\").replace('"', '\\"')
    return (
        f'[pack]\nid = "{pack_id}"\nversion = 1\nlayer = "{layer.name.lower()}"\n{extends}title = "{said}"\n'
    )


def renumbered(text: str, version: int) -> str:
    """A pack's text as that of another version: its head says the number, and nothing of its state."""
    rows, head = [], False
    for row in text.splitlines():
        if re.match(r"\s*\[", row):
            head = re.match(r"\s*\[pack\]", row) is not None
        if head and re.match(r"\s*(state|published_from)\s*=", row):
            continue
        numbers = head and re.match(r"\s*version\s*=", row)
        rows.append(f"version = {version}" if numbers else row)
    return "\n".join(rows) + "\n"


def as_published(pack: Pack, since: datetime) -> Pack:
    """A draft as if it were published."""
    return replace(pack, state="published", published_from=since)
