"""The policy studio at work: versions begun, edited, reviewed by a second person, published, withdrawn."""

from collections.abc import Callable
from datetime import UTC

import msgspec

from amends.application.policies import PolicyBook
from amends.application.ports import Clock, WriteConflict
from amends.application.ports.policies import PolicySteps
from amends.application.ports.sellers import SellerPolicies
from amends.domain.policy.clauses import Layer
from amends.domain.policy.drafts import (
    PACK_ID,
    as_published,
    check_from,
    completed_text,
    new_text,
    read_draft,
    renumbered,
)
from amends.domain.policy.sellers import undercut
from amends.domain.policy.stack import Breach, Pack, PackError
from amends.domain.policy.steps import Edited, Entry, Published, Started, Step, Withdrawn
from amends.domain.policy.studio import Revision, Shelf, VersionKey, decide, published_pack
from amends.domain.policy.terms import in_force
from amends.domain.refusals import Refused

# Everybody writes at the end of one list: who was second reads what came between and tries again.
_TRIES = 20
_SELLERS_MAX = 10_000


class Affected(msgspec.Struct, frozen=True):
    """A seller whose policy has clauses that a version would not allow: they would fall away."""

    seller_id: str
    breaches: tuple[Breach, ...]


class Studio:
    """Where operators change the policy. Texts are judged by `read_draft`, deeds by `decide`."""

    def __init__(
        self, book: PolicyBook, steps: PolicySteps, clock: Clock, policies: SellerPolicies | None = None
    ) -> None:
        self.book = book
        self._steps = steps
        self._clock = clock
        self._policies = policies

    async def check(self, pack_id: str, version: int, text: str) -> Pack:
        """A text as the pack it would be. Raises `PackError` with every mistake by file and line."""
        return read_draft(pack_id, version, text, await self.book.packs())

    async def begin(
        self, pack_id: str, by: str, *, copy_of: int = 0, text: str = "", note: str = "", title: str = "",
        layer: Layer = Layer.PROMOTION,
    ) -> Revision | Refused:  # fmt: skip
        """A new version: from a ``text``, as a copy of a version, or of a new pack that is still empty.

        A text's own version number does not count: the next free one is written into it. Raises `PackError`.
        """
        if PACK_ID.fullmatch(pack_id) is None or pack_id.startswith("seller-"):
            detail = "Name a pack by small letters, digits and dashes, for example winter-holidays."
            return Refused(kind="invalid", detail=detail, pointer="/pack_id")
        base = ""
        if copy_of:
            copied = await self.book.text(pack_id, copy_of)
            if copied is None:
                detail = f"There is no version {copy_of} of {pack_id}."
                return Refused(kind="not_found", detail=detail, pointer="/copy_of")
            along = self.book.texts.get(pack_id)
            copied = completed_text(copied, along, pack_id) if along else copied
            text, base = text or copied, f"{pack_id}@{copy_of}"
        elif not text:
            if any(pack.pack_id == pack_id for pack in self.book.shipped):
                detail = f"There is a pack {pack_id} already: say which version to copy."
                return Refused(kind="invalid", detail=detail, pointer="/copy_of")
            text = new_text(pack_id, layer, title or pack_id)

        def started(shelf: Shelf) -> tuple[VersionKey, Step] | Refused:
            version = shelf.next_version(pack_id, self.book.shipped)
            numbered = renumbered(text, version)
            read_draft(pack_id, version, numbered, self.book.packs_of(shelf))
            return VersionKey(pack_id, version), Started(text=numbered, base=base, note=note)

        return await self._append(started, by)

    async def take(
        self, pack_id: str, version: int, step: Step, by: str, expected: int | None = None
    ) -> Revision | Refused:
        """Take a step with a version. ``expected`` is the `Revision.number` that was seen.

        Raises `PackError` for a text, or a stack, that cannot be.
        """

        if isinstance(step, Published):
            step = msgspec.structs.replace(step, since=step.since.astimezone(UTC))

        def stepping(shelf: Shelf) -> tuple[VersionKey, Step] | Refused:
            revision = shelf.find(pack_id, version)
            if revision is None:
                return Refused(kind="not_found", detail=f"There is no version {version} of {pack_id}.")
            if expected is not None and expected != revision.number:
                detail = "Somebody did something with this version meanwhile. Look at it first."
                return Refused(kind="version_conflict", detail=detail, facts={"number": revision.number})
            return self._judged(shelf, revision, step, by) or (VersionKey(pack_id, version), step)

        return await self._append(stepping, by)

    def _judged(self, shelf: Shelf, revision: Revision, step: Step, by: str) -> Refused | None:
        packs = self.book.packs_of(shelf)
        own = [pack for pack in packs if pack.pack_id == revision.pack_id]
        key = (revision.pack_id, revision.version)
        others = tuple(pack for pack in packs if (pack.pack_id, pack.version) != key)
        now = self._clock.now()
        refused = decide(revision, step, by, now, own)
        if refused is not None:
            return refused
        match step:
            case Edited():
                read_draft(revision.pack_id, revision.version, step.text, packs)
            case Published():
                check_from((*packs, published_pack(revision, step.since)), step.since)
            case Withdrawn() if revision.pack is not None:
                check_from(others, now)
        return None

    async def _append(
        self, wanted: Callable[[Shelf], tuple[VersionKey, Step] | Refused], by: str
    ) -> Revision | Refused:
        for _ in range(_TRIES):
            shelf = await self.book.shelf()
            found = wanted(shelf)
            if isinstance(found, Refused):
                return found
            key, step = found
            entry = Entry(
                seq=shelf.seq + 1,
                pack_id=key.pack_id,
                version=key.version,
                at=self._clock.now(),
                by=by,
                step=step,
            )
            try:
                await self._steps.append(entry)
            except WriteConflict:
                continue
            return (await self.book.shelf()).revisions[key]
        detail = "Too many people change the policy at once. Try again in a moment."
        return Refused(kind="unavailable", detail=detail)

    async def affected(self, revision: Revision) -> tuple[Affected, ...]:
        """The sellers whose policies have clauses that this version would not allow."""
        if self._policies is None:
            return ()
        now = self._clock.now()
        try:
            draft = as_published(await self.check(revision.pack_id, revision.version, revision.text), now)
        except PackError:
            return ()
        packs = in_force(await self.book.packs(), now)
        stack = (*(pack for pack in packs if pack.pack_id != revision.pack_id), draft)
        found = []
        for published in await self._policies.newest(_SELLERS_MAX):
            already = {(one.floor.id, one.parameter) for one in undercut(published, packs)}
            broken = tuple(
                one for one in undercut(published, stack) if (one.floor.id, one.parameter) not in already
            )
            if broken:
                found.append(Affected(published.seller_id, broken))
        return tuple(found)
