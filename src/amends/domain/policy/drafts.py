"""Drafts of packs among the packs they are to stand with: what is wrong with one, by file and line."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from amends.domain.policy.clauses import Clause, Conditions, Layer
from amends.domain.policy.packs import load_pack
from amends.domain.policy.stack import Pack, PackError, Problem, check_stack
from amends.domain.policy.studio import TEXT_MAX, file_of
from amends.domain.policy.terms import in_force
from amends.domain.policy.writing import rows_of

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
    problems = [
        *_misnamed(draft, pack_id, version, text),
        *_named_twice(draft, others),
        *_left_open(draft, others, packs, text),
    ]
    if problems:
        raise PackError(problems)
    check_stack((*others, draft))
    return draft


def check_text(text: str, packs: Sequence[Pack]) -> str:
    """What a pack's text is, in a sentence, whatever its id and version; raises `PackError` as `read_draft`.

    A text that says it is published is checked as the draft it would begin as.
    """
    head = load_pack(text, "pack.toml")
    kept = "\n".join(
        "" if re.match(r"\s*(state|published_from)\s*=", row) else row for row in text.split("\n")
    )
    pack = read_draft(head.pack_id, head.version, kept, packs)
    return f"{pack.pack_id} version {pack.version}, {len(pack.clauses)} clauses: it can stand"


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


def _left_open(draft: Pack, others: Sequence[Pack], packs: Sequence[Pack], text: str) -> Iterable[Problem]:
    """The rules ask for these parameters whatever the order: some clause has to set each for everybody."""
    missing = _for_everybody(packs) - _for_everybody((*others, draft))
    line = line_of(text, r"\s*\[pack\]")
    for name in sorted(missing):
        what = f"no clause sets {name} for every order any more"
        yield Problem(draft.file, line, what, "Keep a clause without conditions that sets it")


def _for_everybody(packs: Iterable[Pack]) -> frozenset[str]:
    return frozenset(
        name
        for pack in packs
        if pack.layer is Layer.PLATFORM
        for clause in pack.clauses
        if clause.when == Conditions()
        for name in clause.sets
    )


def completed(pack: Pack, along: Pack | None) -> Pack:
    """A published version with the clauses it could not know: of parameters that came with a later Amends.

    ``along`` is the pack of the same id that comes along. What the version itself sets stays as it is.
    """
    added = tuple(_unknown(pack, along)) if along is not None else ()
    if along is None or not added:
        return pack
    digest = hashlib.sha256(f"{pack.digest}{along.digest}".encode()).hexdigest()
    return replace(pack, clauses=(*pack.clauses, *added), digest=digest)


def _unknown(pack: Pack, along: Pack) -> Iterable[Clause]:
    known = {name for clause in pack.clauses for name in clause.sets}
    ids = {clause.id for clause in pack.clauses}
    return (clause for clause in along.clauses if known.isdisjoint(clause.sets) and clause.id not in ids)


def completed_text(text: str, along: str, pack_id: str) -> str:
    """A text to begin a version with, and what `completed` would add to it written out. `PackError`."""
    file = file_of(pack_id)
    missing = _unknown(load_pack(text, file), load_pack(along, file))
    added = [f"\n{rows_of(along, clause.id)}\n" for clause in missing]
    return text + "".join(added)


def line_of(text: str, pattern: str, after: int = 1) -> int:
    """The first line from ``after`` on that begins with a pattern; ``after`` where none does."""
    for number, row in enumerate(text.split("\n"), 1):
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
    for row in text.rstrip("\n").split("\n"):
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
