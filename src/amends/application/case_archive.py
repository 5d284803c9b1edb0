"""The case file as a ZIP, written as it is read: the same bytes for the same state of the case.

What an event says is in it exactly as it was hashed, so that `amends.application.verifier`, which comes along
as verify.py, can recompute the chain without Amends and without a network.
"""

import inspect
import zipfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from hashlib import sha256
from io import RawIOBase

import msgspec

from amends.application import verifier
from amends.application.case_file import Dossier, Entry
from amends.application.evidence import EvidenceRoom
from amends.application.ports.messages import Message
from amends.domain.policy.terms import Terms

# The first instant a ZIP can name: files are dated by their content, not by when somebody asked.
_AT = (1980, 1, 1, 0, 0, 0)
_EVENTS_AT_ONCE = 200

README = """\
The file of case {case_id}, for the {reader}.

case.json      the case as it stands
events.jsonl   everything that happened to the case and its order, a line each: when, who, the body as it was
               recorded, and its hash. Where "withheld" stands instead of a body, it is not for this reader:
               account (of a bank), draft (changed before it was sent), internal (proposed by those who
               decide and not agreed to, or the other side's), or other_case.
team.json      who on the seller's team is behind an event, by stream and number; for the shop and staff
messages.json  what was written, by whom, and when
tracking.json  the parcels and everything the carriers said of them
ledger.json    how the money moved, in minor units of the currency
terms/         the terms frozen at purchase, with every clause; each file is named by its hash
originals/     files as they were sent; their hashes stand in the events
copies/        files without the metadata of originals that are sealed
manifest.json  the SHA-256 and size of every other file, and the last hash of each stream of events
verify.py      checks all of it without a network: python3 verify.py

verify.py ends with intact, with withheld where nothing is broken but something was left out of this copy and
so cannot be checked, or with what is broken first.

Whoever can change every file can also write a whole chain anew. So compare the hash of the case's last event,
which verify.py shows, with the one Amends shows for the case, or with another copy; and where this copy of
verify.py itself is in doubt, take it from the source code of Amends, where it is called verifier.py.
Messages and team.json are not part of the chain: the manifest covers them.
"""


class _Sink(RawIOBase):
    """What was written since it was last taken; zipfile sees a pipe that only goes forward."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: "memoryview | bytes | bytearray", /) -> int:  # type: ignore[override]
        self._pieces.append(bytes(piece))
        return len(piece)

    def take(self) -> bytes:
        """The bytes so far, which are then gone."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


async def archive(dossier: Dossier, room: EvidenceRoom) -> AsyncIterator[bytes]:
    """The ZIP in pieces; never more of it in memory than one of them."""
    sink, listed = _Sink(), {}
    with zipfile.ZipFile(sink, "w") as out:
        for path, pieces in _texts(dossier):
            digest, size = sha256(), 0
            with out.open(_entry(path, zipfile.ZIP_DEFLATED), "w") as file:
                for piece in pieces:
                    file.write(piece)
                    digest.update(piece)
                    size += len(piece)
                    if taken := sink.take():
                        yield taken
            listed[path] = {"sha256": digest.hexdigest(), "size": size}
        for one in dossier.pieces:
            digest, size = sha256(), 0
            # Pictures and films do not get smaller.
            with out.open(_entry(one.path, zipfile.ZIP_STORED), "w", force_zip64=True) as file:
                async for piece in room.bytes_of(one.file, one.part):
                    file.write(piece)
                    digest.update(piece)
                    size += len(piece)
                    yield sink.take()
            listed[one.path] = {"sha256": digest.hexdigest(), "size": size}
        out.writestr(_entry("manifest.json", zipfile.ZIP_DEFLATED), _json(_manifest(dossier, listed)))
        yield sink.take()
    yield sink.take()


def event_line(entry: Entry) -> bytes:
    """One event as events.jsonl has it."""
    one = entry.link.recorded
    line: dict[str, object] = {
        "stream": one.stream,
        "seq": one.seq,
        "at": one.at.isoformat(),
        "actor": f"{one.actor.role}:{one.actor.id}",
    }
    if entry.withheld:
        line |= {"withheld": entry.withheld, "type": str(one.event.__struct_config__.tag)}
    else:
        line["body"] = entry.link.body.decode()
    return msgspec.json.encode(line | {"digest": entry.link.digest.hex()}) + b"\n"


def sealed(terms: Terms) -> bytes:
    """Terms as they are hashed to make their id."""
    content = (terms.packs, terms.currency, terms.values, terms.clauses)
    return msgspec.json.encode(content, order="deterministic")


def _texts(dossier: Dossier) -> Iterator[tuple[str, Iterator[bytes]]]:
    case = dossier.case
    readme = README.format(case_id=case.case_id, reader=dossier.caller.role.value)
    yield "README.txt", iter((readme.encode(),))
    yield "verify.py", iter((inspect.getsource(verifier).encode(),))
    yield "case.json", iter((_json(case),))
    yield "events.jsonl", _event_lines([one for entries in dossier.streams.values() for one in entries])
    if dossier.members:
        yield "team.json", iter((_json(dossier.members),))
    yield "messages.json", iter((_json([_message(one) for one in dossier.messages]),))
    yield "tracking.json", iter((_json(_tracking(dossier)),))
    moved = [{"at": at, **msgspec.to_builtins(one)} for at, one in dossier.transfers]
    yield "ledger.json", iter((_json({"currency": case.currency, "transfers": moved}),))
    for terms_id, terms in sorted(dossier.terms.items()):
        yield f"terms/{terms_id}.json", iter((sealed(terms),))


def _event_lines(entries: Sequence[Entry]) -> Iterator[bytes]:
    for start in range(0, len(entries), _EVENTS_AT_ONCE):
        yield b"".join(event_line(one) for one in entries[start : start + _EVENTS_AT_ONCE])


def _message(message: Message) -> dict[str, object]:
    return {"message_id": message.message_id, **msgspec.to_builtins(message)}


def _tracking(dossier: Dossier) -> dict[str, object]:
    case = dossier.case
    return {
        "parcels": dossier.custody.order.parcels,
        "label": case.label,
        "return": case.shipment,
        "further_returns": case.further,
        "replacement": case.replacement,
    }


def _manifest(dossier: Dossier, listed: Mapping[str, object]) -> dict[str, object]:
    return {
        "format": verifier.FORMAT,
        "case_id": dossier.case.case_id,
        "reader": dossier.caller.role.value,
        "heads": {
            stream: {"events": len(entries), "digest": entries[-1].link.digest.hex()}
            for stream, entries in dossier.streams.items()
        },
        "files": listed,
    }


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=2) + b"\n"


def _entry(path: str, how: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, _AT)
    entry.compress_type = how
    # A plain file, readable by all, wherever it is unpacked.
    entry.create_system, entry.external_attr = 3, 0o100644 << 16
    return entry
