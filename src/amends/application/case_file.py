"""The case file: everything that belongs to one case, for one reader.

The same rules as on the pages and in the API decide what somebody sees. Beyond that a party is not given what
the other side wrote and never sent, nor where the other side's money goes. The body of such an event is left
out whole: its hash covers the body, so a part of it could not be checked (see decision 26).
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from amends.application.evidence import ORIGINAL, EvidenceRoom
from amends.application.hindsight import Hindsight, hindsight
from amends.application.messages import Messages
from amends.application.permissions import Caller, concerns, may, sees_case
from amends.application.ports import KeyRole, Link, Reader
from amends.application.ports.files import StoredFile
from amends.application.ports.messages import Message
from amends.application.verifier import FORMAT
from amends.domain.cases import events as c
from amends.domain.cases.model import Case, EvidenceItem, Ruling
from amends.domain.custody import events as o
from amends.domain.custody.model import Custody
from amends.domain.ledger import Transfer
from amends.domain.policy.terms import Terms

Behind = Callable[[Caller, str], Awaitable[Mapping[str, str]]]
"""Who on the seller's team is behind events of an order, as far as the caller is told."""
_PARTIES = frozenset({KeyRole.BUYER, KeyRole.SELLER})
# Whose bank account it is, and who pays there.
_BANKING = frozenset({KeyRole.BUYER, KeyRole.MARKETPLACE, KeyRole.OPERATOR})
_VERSIONS = (c.CaseOpened, c.DraftEdited)
_OF_CASES = (o.CaseCounted, o.CaseEnded, o.MoneyMoved)
_PAYING = (c.RefundApproved, c.RefundInitiated, c.RefundConfirmed, c.RefundFailed, c.RefundRedirected)


class Entry(msgspec.Struct, frozen=True):
    """An event of the file; ``withheld`` says why its reader does not get the body, empty where they do.

    It is account (of a bank), draft (changed before it was sent), internal, or other_case.
    """

    link: Link
    withheld: str = ""


class Piece(msgspec.Struct, frozen=True):
    """A file that belongs to the case: ``part`` is which of its bytes the reader gets."""

    file: StoredFile
    part: str

    @property
    def path(self) -> str:
        """Where it lies in the archive."""
        kind = self.file.media_type if self.part == ORIGINAL else self.file.served_type
        folder = "originals" if self.part == ORIGINAL else "copies"
        return f"{folder}/{self.file.file_id}.{_ENDINGS.get(kind, 'bin')}"


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """What one reader gets of a case. ``streams`` are the case's events and its order's, oldest first.

    ``members`` says who on the seller's team is behind an event, by ``stream#seq``; empty for the other side.
    """

    caller: Caller
    case: Case
    custody: Custody
    streams: dict[str, tuple[Entry, ...]]
    messages: tuple[Message, ...]
    transfers: tuple[tuple[datetime, Transfer], ...]
    terms: Mapping[str, Terms]
    pieces: tuple[Piece, ...]
    members: Mapping[str, str] = {}
    hindsights: tuple[Hindsight | None, ...] = ()

    @property
    def heads(self) -> dict[str, str]:
        """The hash of each stream's last event, in hexadecimal digits."""
        return {stream: entries[-1].link.digest.hex() for stream, entries in self.streams.items()}

    @property
    def version(self) -> str:
        """Another one whenever the file is another one: for an ETag."""
        of = (
            FORMAT,
            self.caller,
            self.heads,
            [[entry.withheld for entry in entries] for entries in self.streams.values()],
            self.messages,
            [piece.path for piece in self.pieces],
            self.members,
        )
        return sha256(msgspec.json.encode(of, order="deterministic")).hexdigest()[:32]


class CaseFiles:
    """Gathers case files."""

    def __init__(self, reader: Reader, room: EvidenceRoom, messages: Messages, behind: Behind) -> None:
        self._reader = reader
        self._messages = messages
        self._behind = behind
        self.room = room

    async def read(self, caller: Caller, case_id: str) -> Dossier | None:
        """The file of a case for one reader; None for a case that is not there for them."""
        file = await self._reader.case_file(case_id)
        if file is None or not may(caller.role, "get_case_archive") or not sees_case(caller, file.case):
            return None
        case, order_id = file.case, file.case.order_id
        scene = await self._reader.scene(order_id)
        thread = await self._messages.thread(caller, order_id)
        if scene is None:
            return None
        whole = await self._reader.timeline(order_id)
        streams = {
            case_id: _case_entries(caller, file.timeline),
            order_id: _order_entries(caller, whole, scene.cases),
        }
        written = thread.messages if thread else ()
        messages = tuple(one for one in written if one.case_id in ("", case_id))
        return Dossier(
            caller=caller,
            case=case if caller.role in _BANKING else _without_accounts(case),
            custody=file.custody,
            streams=streams,
            messages=messages,
            transfers=_transfers(caller, case, await self._reader.transfers(order_id)),
            terms=file.terms,
            pieces=await self._pieces(caller, streams[case_id], messages),
            members=await self._members(caller, order_id, streams),
            hindsights=tuple(
                hindsight(
                    [link.recorded for link in whole],
                    [link.recorded for link in file.timeline],
                    number,
                    {one.terms_id: one for one in file.terms.values()},
                    [one for one in scene.cases.values() if one.case_id != case_id],
                )
                for number in range(len(case.rulings))
            ),
        )

    async def _members(
        self, caller: Caller, order_id: str, streams: Mapping[str, Sequence[Entry]]
    ) -> dict[str, str]:
        told = {one.link.recorded.name for each in streams.values() for one in each}
        behind = await self._behind(caller, order_id)
        return {event: name for event, name in sorted(behind.items()) if event in told}

    async def _pieces(
        self, caller: Caller, entries: Sequence[Entry], messages: Sequence[Message]
    ) -> tuple[Piece, ...]:
        """Every file that an event or a message names, if its bytes are still kept."""
        items = [item for entry in entries if not entry.withheld for item in items_of(entry.link)]
        records = await self.room.of(items)
        for file_id in (one for message in messages for one in message.files):
            if file_id not in records and (file := await self.room.seen_by(caller, file_id)) is not None:
                records[file_id] = file
        pieces = [Piece(file, _part(caller, file)) for file in records.values() if file.ready]
        return tuple([piece for piece in pieces if await self._there(piece)])

    async def _there(self, piece: Piece) -> bool:
        try:
            await self.room.size(piece.file, piece.part)
        except FileNotFoundError:
            return False
        return True


def items_of(link: Link) -> tuple[EvidenceItem, ...]:
    """The evidence that an event brought."""
    event = link.recorded.event
    found: tuple[EvidenceItem, ...] = getattr(event, "evidence", ())
    if isinstance(event, c.EvidenceAdded | c.EvidenceSubmitted):
        return event.items
    return found


def _part(caller: Caller, file: StoredFile) -> str:
    """The original for those who may have it: whose it is, and who may read sealed ones."""
    own = caller.actor == file.by or may(caller.role, "get_file_original")
    return ORIGINAL if own else file.seen_as


def _case_entries(caller: Caller, links: Sequence[Link]) -> tuple[Entry, ...]:
    # What was sent is the last version; what stood there before is the buyer's alone.
    versions = [link.recorded.seq for link in links if isinstance(link.recorded.event, _VERSIONS)]
    superseded = frozenset(versions[:-1]) if caller.role is KeyRole.SELLER else frozenset()
    made = frozenset(_made(links))
    return tuple(Entry(link, _why(caller, link, superseded, made)) for link in links)


def _made(links: Sequence[Link]) -> Iterator[int]:
    """Proposed decisions that were made as they had been proposed: then they are no secret any more."""
    proposed: list[tuple[int, Ruling]] = []
    for one in (link.recorded for link in links):
        if isinstance(one.event, c.RulingProposed):
            proposed.append((one.seq, one.event.ruling))
        elif isinstance(one.event, c.CaseRuled):
            yield from (seq for seq, ruling in proposed if _same(ruling, one.event.ruling))
            proposed = []


def _same(proposed: Ruling, made: Ruling) -> bool:
    return replace(proposed, at=made.at, confirmed_by=made.confirmed_by) == made


def _why(caller: Caller, link: Link, superseded: frozenset[int], made: frozenset[int]) -> str:
    event = link.recorded.event
    if link.recorded.seq in superseded:
        return "draft"
    if link.recorded.seq not in made and not concerns(caller.role, event):
        return "internal"
    if caller.role in _BANKING or not isinstance(event, _PAYING):
        return ""
    refunds = (event.refund,) if isinstance(event, c.RefundConfirmed | c.RefundFailed) else event.refunds
    return "account" if any(refund.destination for refund in refunds) else ""


def _order_entries(caller: Caller, links: Sequence[Link], cases: Mapping[str, Case]) -> tuple[Entry, ...]:
    def why(link: Link) -> str:
        event = link.recorded.event
        if caller.role not in _PARTIES:
            return ""
        if isinstance(event, o.GoodwillProposed) or not concerns(caller.role, event):
            return "internal"
        other = cases.get(event.case_id) if isinstance(event, _OF_CASES) else None
        return "other_case" if other is not None and not sees_case(caller, other) else ""

    return tuple(Entry(link, why(link)) for link in links)


def _without_accounts(case: Case) -> Case:
    return replace(case, refunds=tuple(replace(refund, destination="") for refund in case.refunds))


def _transfers(
    caller: Caller, case: Case, all_of_them: Sequence[tuple[datetime, Transfer]]
) -> tuple[tuple[datetime, Transfer], ...]:
    """The whole ledger for those who may read it; for others what was paid, and what the case moved."""
    if may(caller.role, "get_ledger"):
        return tuple(all_of_them)
    return tuple(
        (at, one) for at, one in all_of_them if one.purpose == "capture" or one.case_id == case.case_id
    )


_ENDINGS: Mapping[str, str] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/avif": "avif",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-matroska": "mkv",
    "video/3gpp": "3gp",
    "application/pdf": "pdf",
}
