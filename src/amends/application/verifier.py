"""Says whether a case file is as it was written. Needs Python 3.8 or newer, nothing else, and no network.

    python3 verify.py                checks the folder that this file lies in
    python3 verify.py CASE.zip       checks a case file as it was downloaded
    python3 verify.py CASE.zip HASH  also compares the hash of the case's last event, as Amends shows it

The last line is `intact` (exit 0), `withheld` where nothing is broken but parts are left out of this copy and
cannot be checked (exit 2), or `broken: ` with the first event or file that is not as it was (exit 1).
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

FORMAT = "amends-case-file/1"
LITTER = (".", "__pycache__", "Thumbs.db", "desktop.ini")  # what systems leave in folders


class Broken(Exception):
    """Something is not as it was written."""


def whole(place: Path) -> tuple[set[str], Any]:
    """The names of all files of a folder or a ZIP, and how to open one."""
    if place.is_dir():
        found = [path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()]
        kept = {path for path in found if not any(part.startswith(LITTER) for part in path.split("/"))}
        return kept, lambda name: (place / name).open("rb")
    archive = zipfile.ZipFile(str(place))
    names = [name for name in archive.namelist() if not name.endswith("/")]
    if len(set(names)) < len(names):
        raise Broken("a file is in the ZIP more than once")
    return set(names), archive.open


def digest_of(open_file: Any, name: str) -> str:
    """The SHA-256 of a file."""
    digest = hashlib.sha256()
    try:
        with open_file(name) as source:
            for piece in iter(lambda: source.read(1 << 20), b""):
                digest.update(piece)
    except Exception as error:
        raise Broken(f"file {name} cannot be read ({error})") from error
    return digest.hexdigest()


def chain(lines: Iterable[bytes], heads: dict[str, Any]) -> tuple[list[str], dict[str, str], int]:
    """Recompute every hash: SHA-256 over the one before, the event's head and its body.

    Gives the events withheld, the SHA-256 of every file that an event names, and how many events there are.
    """
    last, withheld, named = {}, [], {}  # type: dict[str, tuple[int, bytes]], list[str], dict[str, str]
    for number, line in enumerate(lines, 1):
        try:
            event = json.loads(line)
            stream, seq, digest = event["stream"], event["seq"], bytes.fromhex(event["digest"])
        except Exception as error:
            raise Broken(f"line {number} of events.jsonl cannot be read") from error
        count, before = last.get(stream, (0, bytes(32)))
        if seq != count + 1:
            raise Broken(
                f"event {count + 1} of {stream} is missing or not in its place; event {seq} is there"
            )
        if "body" in event:
            hashed = f"{stream}\n{seq}\n{event['at']}\n{event['actor']}\n{event['body']}"
            if hashlib.sha256(before + hashed.encode("utf-8")).digest() != digest:
                raise Broken(f"event {seq} of {stream} is not as it was recorded")
            named.update(files_in(json.loads(event["body"])))
        else:
            withheld.append(f"event {seq} of {stream} ({event['withheld']})")
        last[stream] = seq, digest
    for stream in sorted({*heads, *last}):
        (count, digest), told = last.get(stream, (0, b"")), heads.get(stream, {"events": 0, "digest": ""})
        if count != told["events"]:
            raise Broken(f"event {min(count, told['events']) + 1} of {stream} is missing, or one too many")
        if digest.hex() != told["digest"]:
            raise Broken(f"manifest.json: the last hash of {stream} is not that of event {count}")
    return withheld, named, sum(count for count, _ in last.values())


def files_in(value: Any) -> Iterator[tuple[str, str]]:
    """The files that an event names, by id, with the SHA-256 of their originals."""
    if isinstance(value, dict):
        if value.get("sha256"):
            yield value["file_id"], value["sha256"]
        value = list(value.values())
    for one in value if isinstance(value, list) else ():
        yield from files_in(one)


def compare(digests: dict[str, str], named: dict[str, str], listed: dict[str, Any]) -> None:
    """Compare every file with the manifest, originals with their events, terms with their names."""
    for name in sorted({*digests, *listed}):
        if name not in listed or name not in digests:
            raise Broken(f"file {name} is {'missing' if name in listed else 'not in manifest.json'}")
        folder, stem, digest = PurePosixPath(name).parts[0], PurePosixPath(name).stem, digests[name]
        if folder == "originals" and digest != named.get(stem, digest):
            raise Broken(f"file {name} is not the one that was sent: its event has another hash")
        if folder == "terms" and not digest.startswith(stem):
            raise Broken(f"file {name} is not the terms that were frozen: its name is their hash")
        if digest != listed[name]["sha256"]:
            raise Broken(f"file {name} is not as it was written")


def check(place: Path, expected: str = "") -> tuple[list[str], list[str]]:
    """What there is to say, and what cannot be checked in this copy. Raises `Broken`."""
    names, open_file = whole(place)
    with open_file("manifest.json") as source:
        manifest = json.loads(source.read())
    if manifest["format"] != FORMAT:
        raise Broken("manifest.json is of a format that this program does not know")
    with open_file("events.jsonl") as source:
        withheld, named, count = chain(source, manifest["heads"])
    digests = {name: digest_of(open_file, name) for name in sorted(names - {"manifest.json"})}
    compare(digests, named, manifest["files"])
    last = manifest["heads"][manifest["case_id"]]["digest"]
    if expected.lower() not in ("", last):
        raise Broken(f"the hash of the case's last event is {last}, not {expected}")
    here = {PurePosixPath(name).stem for name in names}
    gone = [f"file {one} (no longer kept)" for one in sorted(set(named) - here)]
    said = f"case {manifest['case_id']} for the {manifest['reader']}: {count} events, {len(digests)} files, "
    copies = sum(name.startswith("copies/") for name in names)
    said += f"{copies} of them copies of sealed originals, compared with the manifest alone"
    return [said, f"hash of the case's last event: {last}"], withheld + gone


def main(arguments: list[str]) -> int:
    """Check what was asked for; the exit status."""
    place = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    try:
        said, left_out = check(place, *arguments[1:2])
    except Exception as error:  # noqa: BLE001  whatever is wrong with it: it is not what was written
        why = str(error) if isinstance(error, Broken) else f"{place} is no whole case file ({error!r})"
        sys.stdout.write(f"broken: {why}\n")
        return 1
    said += [f"left out of this copy, so not checked: {one}" for one in left_out]
    sys.stdout.write("\n".join([*said, "withheld" if left_out else "intact", ""]))
    return 2 if left_out else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
