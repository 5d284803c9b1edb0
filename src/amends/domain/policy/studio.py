"""The policy studio: versions of packs on their way from a draft into force, one recorded step at a time.

A version begins as a draft, is sent for review, approved by somebody who wrote none of it, and published from
an instant to come. What is in force never changes; until it is, a version can be withdrawn.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from amends.domain.policy.packs import load_pack
from amends.domain.policy.stack import Pack
from amends.domain.policy.steps import (
    Approved,
    Commented,
    Edited,
    Entry,
    Published,
    Returned,
    Started,
    Step,
    Submitted,
    Withdrawn,
)
from amends.domain.refusals import Refused

TEXT_MAX = 400_000
NOTE_MAX = 4_000


class Stage(StrEnum):
    """How far a version has come by what was done."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Stand(StrEnum):
    """How a version stands at an instant: the same, and for published ones whether their time has come."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a pack as it stands. ``authors`` wrote parts of its text.

    ``entries`` is all that happened, oldest first, the texts left out. ``pack`` is what is published.
    """

    pack_id: str
    version: int
    text: str
    base: str = ""
    stage: Stage = Stage.DRAFT
    authors: tuple[str, ...] = ()
    approved_by: str = ""
    since: datetime | None = None
    entries: tuple[Entry, ...] = ()
    pack: Pack | None = None

    @property
    def file(self) -> str:
        """How messages name its text."""
        return file_of(self.pack_id)

    @property
    def number(self) -> int:
        """How many steps it has gone: changes with each."""
        return len(self.entries)

    def comments(self, clause: str = "") -> tuple[tuple[Entry, Commented], ...]:
        """What was said about a clause, or about the whole."""
        return tuple(
            (entry, entry.step)
            for entry in self.entries
            if isinstance(entry.step, Commented) and entry.step.clause == clause
        )


class VersionKey(NamedTuple):
    """Names a version of a pack."""

    pack_id: str
    version: int


class Shelf(msgspec.Struct, frozen=True):
    """Every version there is in the studio, after ``seq`` steps."""

    seq: int = 0
    revisions: dict[VersionKey, Revision] = {}

    def after(self, entries: Iterable[Entry]) -> "Shelf":
        """The shelf once these steps, which follow its own, are taken."""
        seq, revisions = self.seq, dict(self.revisions)
        for entry in entries:
            seq, key = entry.seq, VersionKey(entry.pack_id, entry.version)
            revisions[key] = _evolve(revisions.get(key), entry)
        return Shelf(seq, revisions)

    def find(self, pack_id: str, version: int) -> Revision | None:
        """One version."""
        return self.revisions.get(VersionKey(pack_id, version))

    def published(self) -> tuple[Pack, ...]:
        """The packs that were published and not withdrawn, their time come or not."""
        return tuple(one.pack for one in self.revisions.values() if one.pack is not None)

    def next_version(self, pack_id: str, shipped: Sequence[Pack]) -> int:
        """The number of a new version."""
        known = [key.version for key in self.revisions if key.pack_id == pack_id]
        return 1 + max([*known, *(pack.version for pack in shipped if pack.pack_id == pack_id)], default=0)

    def stand(self, revision: Revision, now: datetime) -> Stand:
        """How a version stands at an instant."""
        if revision.since is None or revision.stage is not Stage.PUBLISHED:
            return Stand(revision.stage.value)
        if revision.since > now:
            return Stand.SCHEDULED
        later = any(
            other.pack_id == revision.pack_id
            and other.version > revision.version
            and other.stage is Stage.PUBLISHED
            and other.since is not None
            and other.since <= now
            for other in self.revisions.values()
        )
        return Stand.SUPERSEDED if later else Stand.IN_FORCE


def file_of(pack_id: str) -> str:
    """How messages name the text of a pack."""
    return f"{pack_id}.toml"


def _evolve(known: Revision | None, entry: Entry) -> Revision:
    step = entry.step
    kept = replace(entry, step=replace(step, text="") if isinstance(step, Started | Edited) else step)
    if known is None:
        known = Revision(pack_id=entry.pack_id, version=entry.version, text="")
    known = replace(known, entries=(*known.entries, kept))
    match step:
        case Started() | Edited():
            authors = known.authors if entry.by in known.authors else (*known.authors, entry.by)
            base = step.base if isinstance(step, Started) else known.base
            return replace(known, text=step.text, base=base, authors=authors)
        case Approved():
            return replace(known, stage=Stage.APPROVED, approved_by=entry.by)
        case Published():
            pack = published_pack(known, step.since)
            return replace(known, stage=Stage.PUBLISHED, since=step.since, pack=pack)
        case Withdrawn():
            return replace(known, stage=Stage.WITHDRAWN, pack=None)
        case Returned():
            return replace(known, stage=Stage.DRAFT, approved_by="")
    return replace(known, stage=Stage.IN_REVIEW) if isinstance(step, Submitted) else known


def published_pack(revision: Revision, since: datetime) -> Pack:
    """The version as a pack that is published from an instant. Raises `PackError`."""
    return replace(load_pack(revision.text, revision.file), state="published", published_from=since)


def decide(
    revision: Revision, step: Step, by: str, now: datetime, published: Sequence[Pack]
) -> Refused | None:
    """Why a step cannot be taken, or None. ``published`` are the pack's other versions in or to be in force.

    The text of an edit, and what publishing and withdrawing do to the stack, are for `drafts` to judge.
    """
    refused = _note_refused(step) or _stage_refused(revision, step)
    if refused is not None:
        return refused
    match step:
        case Approved():
            return _not_approved(revision, by)
        case Published():
            return _not_published(revision, step.since, now, published)
        case Withdrawn() if revision.since is not None and revision.since <= now:
            return _not_now(revision, "It is in force: orders rest on it. Publish another version instead.")
    return None


_LIVE = frozenset(Stage) - {Stage.WITHDRAWN}
#: In which stages a step can be taken, and what to say in all others.
_FROM: Mapping[type[Step], tuple[frozenset[Stage], str]] = {
    Started: (frozenset(), "There is such a version already."),
    Edited: (
        frozenset({Stage.DRAFT}),
        "Only a draft can be edited: send it back first, or begin a new version.",
    ),
    Commented: (_LIVE, "It was withdrawn."),
    Submitted: (frozenset({Stage.DRAFT}), "Only a draft can be sent for review."),
    Returned: (
        frozenset({Stage.IN_REVIEW, Stage.APPROVED}),
        "Only what is reviewed or approved can be sent back.",
    ),
    Approved: (frozenset({Stage.IN_REVIEW}), "Only what was sent for review can be approved."),
    Published: (frozenset({Stage.APPROVED}), "Only what a second person approved can be published."),
    Withdrawn: (_LIVE, "It was withdrawn before."),
}


def _note_refused(step: Step) -> Refused | None:
    if isinstance(step, Commented | Submitted | Returned | Withdrawn) and not step.note.strip():
        return Refused(kind="invalid", detail="Say why, in a few words.", pointer="/note")
    if len(step.note) > NOTE_MAX:
        return Refused(kind="invalid", detail=f"Use at most {NOTE_MAX} characters.", pointer="/note")
    return None


def _stage_refused(revision: Revision, step: Step) -> Refused | None:
    allowed, detail = _FROM[type(step)]
    return None if revision.stage in allowed else _not_now(revision, detail)


def _not_approved(revision: Revision, by: str) -> Refused | None:
    if by in revision.authors:
        return Refused(
            kind="conflict_of_interest",
            detail="Who wrote a part of it cannot approve it: a second person has to.",
            facts={"authors": list(revision.authors)},
        )
    return None


def _not_published(
    revision: Revision, since: datetime, now: datetime, published: Sequence[Pack]
) -> Refused | None:
    if since <= now:
        return Refused(
            kind="invalid",
            detail="It can be published from an instant to come only: what was bought keeps its terms.",
            pointer="/since",
            facts={"now": now.isoformat()},
        )
    for other in published:
        if other.version > revision.version:
            return _not_now(
                revision, f"Version {other.version} was published meanwhile: begin a new version."
            )
        if other.published_from is not None and other.published_from >= since:
            return Refused(
                kind="invalid",
                detail=f"Version {other.version} is published from {other.published_from.isoformat()}: "
                "choose a later instant, or withdraw that one first.",
                pointer="/since",
                facts={"after": other.published_from.isoformat()},
            )
    return None


def _not_now(revision: Revision, detail: str) -> Refused:
    return Refused(kind="not_possible_now", detail=detail, facts={"stage": revision.stage.value})
