"""Says whether a case file is as it was written. Needs Python 3.8 or newer, nothing else, and no network.

    python3 verify.py               checks the folder that this file lies in
    python3 verify.py CASE.zip      checks a case file as it was downloaded
    python3 verify.py CASE.zip HASH also checks that the case's last event has this hash, as Amends shows it

The last line is `intact` (exit 0), `withheld` where nothing is broken but this copy leaves out parts that hence cannot be
checked (exit 2), or `broken: ` with the first event or file that is not as it was (exit 1).
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Any, Callable, Dict, Iterator, List, Set, Tuple

FORMAT = "amends-case-file/1"
LITTER = (".", "__pycache__", "Thumbs.db", "desktop.ini")
UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError, KeyError, TypeError)
Open = Callable[[str], IO[bytes]]


class Broken(Exception):
    """Something is not as it was written."""


def whole(place: Path) -> Tuple[Set[str], Open]:
    """The names of all files of a folder or a ZIP, and how to open one."""
    if place.is_dir():
        found = [path.relative_to(place) for path in place.rglob("*") if path.is_file()]
        kept = [path for path in found if not any(part.startswith(LITTER) for part in path.parts)]
        return {path.as_posix() for path in kept}, lambda name: (place / name).open("rb")
    archive = zipfile.ZipFile(str(place))
    names = [one.filename for one in archive.infolist() if not one.filename.endswith("/")]
    for name in names:
        if names.count(name) > 1:
            raise Broken("file " + name + " is in the ZIP more than once")
    return set(names), archive.open


def digest_of(open_file: Open, name: str) -> str:
    """The SHA-256 of a file."""
    digest = hashlib.sha256()
    try:
        with open_file(name) as source:
            for piece in iter(lambda: source.read(1 << 20), b""):
                digest.update(piece)
    except UNREADABLE as error:
        raise Broken("file {} cannot be read ({})".format(name, error)) from error
    return digest.hexdigest()


def events_of(open_file: Open) -> Iterator[Dict[str, Any]]:
    """The events as they are written, a line each."""
    with open_file("events.jsonl") as source:
        for number, line in enumerate(source, 1):
            try:
                yield json.loads(line.decode("utf-8"))
            except ValueError as error:
                raise Broken("line {} of events.jsonl cannot be read".format(number)) from error


def chain(events: Iterator[Dict[str, Any]], heads: Dict[str, Any]) -> Tuple[List[str], Dict[str, str], int]:
    """Recompute every hash: SHA-256 over the one before, the event's head and its body.

    Returns the events withheld, the SHA-256 of every file that an event names, and how many events there are.
    """
    last: Dict[str, Tuple[int, bytes]] = {}
    withheld: List[str] = []
    named: Dict[str, str] = {}
    for event in events:
        stream, seq = event["stream"], event["seq"]
        count, before = last.get(stream, (0, bytes(32)))
        where = "event {} of {}".format(seq, stream)
        if seq != count + 1:
            raise Broken("event {} of {} is missing or not in its place: event {} stands there".format(count + 1, stream, seq))
        if "body" in event:
            head = "{}\n{}\n{}\n{}\n".format(stream, seq, event["at"], event["actor"])
            digest = hashlib.sha256(before + (head + event["body"]).encode("utf-8")).hexdigest()
            if digest != event["digest"]:
                raise Broken(where + " is not as it was recorded, or the one before it is not")
            named.update(files_in(json.loads(event["body"])))
        else:
            withheld.append("{} ({})".format(where, event["withheld"]))
        last[stream] = seq, bytes.fromhex(event["digest"])
    for stream, head in heads.items():
        count, digest = last.get(stream, (0, b""))
        if count != head["events"]:
            raise Broken("event {} of {} is missing, or there is one too many".format(min(count, head["events"]) + 1, stream))
        if digest.hex() != head["digest"]:
            raise Broken("manifest.json: its last hash of {} is not that of event {}".format(stream, count))
    for stream in set(last) - set(heads):
        raise Broken("manifest.json knows nothing of the events of " + stream)
    return withheld, named, sum(count for count, _ in last.values())


def files_in(value: Any) -> Iterator[Tuple[str, str]]:
    """The files that an event names, by id, with the SHA-256 of their originals."""
    if isinstance(value, dict):
        if isinstance(value.get("file_id"), str) and value.get("sha256"):
            yield value["file_id"], value["sha256"]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from files_in(one)


def check(place: Path, expected: str = "") -> Tuple[List[str], List[str]]:
    """What there is to say, and what cannot be checked in this copy. Raises `Broken`."""
    names, open_file = whole(place)
    if not {"manifest.json", "events.jsonl"} <= names:
        raise Broken("this is no case file: manifest.json or events.jsonl is missing")
    with open_file("manifest.json") as source:
        manifest = json.loads(source.read().decode("utf-8"))
    if manifest["format"] != FORMAT:
        raise Broken("manifest.json is of a format this program does not know")
    left_out, named, count = chain(events_of(open_file), manifest["heads"])
    said = ["case " + manifest["case_id"] + " for the " + manifest["reader"], "events: {}".format(count)]
    digests = {}
    for name in sorted(names - {"manifest.json"}):
        if name not in manifest["files"]:
            raise Broken("file " + name + " is not in manifest.json")
        digests[name] = digest_of(open_file, name)
        kept, stem = PurePosixPath(name).parts[0], PurePosixPath(name).stem
        if kept == "originals" and digests[name] != named.get(stem, digests[name]):
            raise Broken("file " + name + " is not the one that was sent: its event has another hash")
        if kept == "terms" and not digests[name].startswith(stem):
            raise Broken("file " + name + " is not the terms that were frozen: its name is their hash")
    for name, entry in sorted(manifest["files"].items()):
        if name not in digests:
            raise Broken("file " + name + " is missing")
        if digests[name] != entry["sha256"]:
            raise Broken("file " + name + " is not as it was written")
    here = {PurePosixPath(name).stem for name in digests if name.startswith(("originals/", "copies/"))}
    left_out += ["file {} (no longer kept)".format(one) for one in sorted(set(named) - here)]
    copies = sum(name.startswith("copies/") for name in digests)
    if copies:
        said.append("copies without the metadata of sealed originals, checked by the manifest alone: {}".format(copies))
    last = manifest["heads"][manifest["case_id"]]["digest"]
    if expected and expected.lower() != last:
        raise Broken("the case's last event has the hash {}, not {}".format(last, expected))
    return [*said, "files: {}".format(len(digests)), "hash of the case's last event: " + last], left_out


def main(arguments: List[str]) -> int:
    """Check what was asked for; the exit status."""
    place = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    try:
        said, left_out = check(place, *arguments[1:2])
    except Broken as error:
        sys.stdout.write("broken: {}\n".format(error))
        return 1
    except UNREADABLE as error:
        sys.stdout.write("broken: {} cannot be read as a case file ({!r})\n".format(place, error))
        return 1
    lines = [*said, *("left out of this copy, hence not checked: " + one for one in left_out)]
    sys.stdout.write("\n".join([*lines, "withheld" if left_out else "intact"]) + "\n")
    return 2 if left_out else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
