"""R8: hostile files. None is served as it came, none brings anything down, none costs memory."""

import asyncio
import io
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import av
import msgspec
import pytest
from PIL import Image
from tests.adapters.files.hostile import corpus, said_heic
from tests.adapters.files.pictures import (
    LATITUDE,
    MAKER,
    SCRIPT,
    encoded,
    exif,
    film,
    flood,
    heic,
    label,
    phone_photo,
    scene,
    told_png,
)

from amends.adapters.files import examiner
from amends.adapters.files.child import Task
from amends.adapters.files.examiner import ChildExaminer
from amends.application.ports.files import Examined, Unfit
from amends.domain.evidence import Limits

LIMITS = Limits()


# One child, and the most memory it ever had, in KiB.
_MEASURED = """
import re, sys, msgspec
from amends.adapters.files.child import Task, examined
answer = examined(msgspec.json.decode(sys.argv[1], type=Task), *map(int, sys.argv[2:]))
sys.stdout.buffer.write(answer)
sys.stderr.write(re.search("VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""


async def look(data: bytes, limits: Limits = LIMITS) -> tuple[Examined | Unfit, bytes, bytes]:
    """What comes of a file: the verdict, the copy, the thumbnail."""
    child = ChildExaminer()
    with child.scratch() as source, child.scratch() as copy, child.scratch() as thumb:
        source.write(data)
        found = await child.examine(source, copy, thumb, limits)
        return found, _all(copy), _all(thumb)


def _all(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


# Two hundred files, each drawn anew in a process of its own.
@pytest.mark.timeout(600)
async def test_of_hostile_files_none_is_served_as_it_came_and_none_crashes() -> None:
    hostile = corpus()
    assert len(hostile) >= 200
    at_once = asyncio.Semaphore(2)
    wrong: list[str] = []

    async def one(name: str, data: bytes) -> None:
        async with at_once:
            found, copy, thumb = await look(data)
        if isinstance(found, Unfit):
            if copy and found.why == "type":
                wrong.append(f"{name}: refused but copied")
            return
        if found.served_type == "application/pdf":
            # Never shown in the browser: see the tests of the pages.
            if copy or thumb:
                wrong.append(f"{name}: a paper was drawn")
            return
        if found.served_type not in {"image/jpeg", "video/mp4"} or not copy or not thumb:
            wrong.append(f"{name}: {found}")
        for served in (copy, thumb):
            if served == data or any(
                mark in served for mark in (SCRIPT.encode(), b"<?php", b"%PDF-", b"PK\3\4", b"onload")
            ):
                wrong.append(f"{name}: carries what it came with")
            if data[:200] in served:
                wrong.append(f"{name}: its head is in the copy")

    await asyncio.gather(*(one(name, data) for name, data in hostile.items()))
    assert wrong == []


@pytest.mark.parametrize("name", ["html", "svg", "svg-gz", "hls", "concat", "eps", "zip", "html-before-jpg"])
async def test_what_is_no_picture_film_or_paper_is_told_by_its_content(name: str) -> None:
    found, copy, thumb = await look(corpus()[name])
    assert found == Unfit("type")
    assert (copy, thumb) == (b"", b"")


async def test_a_flood_of_pixels_costs_neither_process_memory() -> None:
    data = flood()
    assert len(data) < 64 * 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    room = ChildExaminer()
    with room.scratch() as source, room.scratch() as copy, room.scratch() as thumb:
        source.write(data)
        source.flush()
        numbers = (source.fileno(), copy.fileno(), thumb.fileno())
        task = msgspec.json.encode(Task(LIMITS, 20)).decode()
        child = subprocess.run(
            [sys.executable, "-I", "-c", _MEASURED, task, *map(str, numbers)],
            capture_output=True,
            pass_fds=numbers,
            check=True,
        )
    assert msgspec.json.decode(child.stdout) == {"unfit": {"why": "pixels", "most": LIMITS.pixels}}
    # A picture of 400 megapixels would be 400 MB at the least; a child that does nothing needs about 60.
    assert int(child.stderr) < 120 * 1024
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 * 1024


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (phone_photo(), "jpeg"),
        (told_png(scene()), "png"),
        (encoded(scene(), "WEBP", exif=exif()), "webp"),
        (heic(scene(), exif=exif()), "heic"),
    ],
)
async def test_nothing_a_phone_wrote_into_a_picture_is_in_the_copy(data: bytes, where: str) -> None:
    found, copy, thumb = await look(data)
    assert isinstance(found, Examined), where
    for served in (copy, thumb):
        with Image.open(io.BytesIO(served)) as picture:
            assert dict(picture.getexif()) == {}
            assert picture.getexif().get_ifd(0x8825) == {}
            assert not {"exif", "comment", "icc_profile", "xmp"} & picture.info.keys()
        assert MAKER.encode() not in served
        assert SCRIPT.encode() not in served


def test_the_photos_of_these_tests_do_have_a_place() -> None:
    with Image.open(io.BytesIO(phone_photo())) as picture:
        assert tuple(float(part) for part in picture.getexif().get_ifd(0x8825)[2]) == LATITUDE


async def test_nothing_a_phone_wrote_into_a_film_is_in_the_copy() -> None:
    data = film(1.0, sound=True)
    with av.open(io.BytesIO(data)) as reel:
        assert reel.metadata["location"] == "+52.5200+013.4050/"
    found, copy, thumb = await look(data)
    assert isinstance(found, Examined)
    assert (found.served_type, found.width, found.height) == ("video/mp4", 320, 240)
    assert 0.8 <= found.seconds <= 1.2
    with av.open(io.BytesIO(copy)) as reel:
        assert not {"location", "comment"} & reel.metadata.keys()
        assert reel.streams.video[0].codec_context.name == "h264"
        assert len(reel.streams.audio) == 1
        assert reel.duration is not None
        assert abs(reel.duration / av.time_base - 1.0) < 0.2
    assert b"+52.52" not in copy
    with Image.open(io.BytesIO(thumb)) as poster:
        assert poster.size == (320, 240)


@pytest.mark.parametrize(("form", "codec"), [("webm", "libvpx"), ("matroska", "libx264"), ("mov", "mpeg4")])
async def test_films_of_every_kind_become_one_kind(form: str, codec: str) -> None:
    found, copy, _ = await look(film(0.5, form, codec))
    assert isinstance(found, Examined)
    assert found.served_type == "video/mp4"
    with av.open(io.BytesIO(copy)) as reel:
        assert reel.format.name.startswith("mov,mp4")


async def test_limits_are_exact() -> None:
    edge = encoded(scene(100, 80), "PNG")
    found, _, _ = await look(edge, Limits(pixels=8000))
    assert isinstance(found, Examined)
    found, _, _ = await look(edge, Limits(pixels=7999))
    assert found == Unfit("pixels", 7999)
    found, _, _ = await look(film(3, size=(64, 64)), Limits(seconds=2))
    assert found == Unfit("seconds", 2)


async def test_a_photo_of_a_newer_phone_is_drawn_as_everybody_can_see_it() -> None:
    found, copy, _ = await look(heic(scene(400, 300, seed=9)))
    assert isinstance(found, Examined)
    assert (found.media_type, found.served_type) == ("image/heic", "image/jpeg")
    with Image.open(io.BytesIO(copy)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (400, 300))
    known, _, _ = await look(encoded(scene(400, 300, seed=9)))
    assert isinstance(known, Examined)
    assert found.phash is not None
    assert known.phash is not None
    assert (found.phash ^ known.phash).bit_count() <= 6


async def test_a_size_told_in_the_head_of_a_photo_is_held_to_the_limit() -> None:
    told = said_heic(heic(scene(64, 64)), 60_000, 60_000)
    found, copy, _ = await look(told)
    assert found == Unfit("pixels", LIMITS.pixels)
    assert copy == b""


async def test_a_picture_held_sideways_is_turned_upright() -> None:
    _, copy, thumb = await look(phone_photo(orientation=6))
    for served in (copy, thumb):
        with Image.open(io.BytesIO(served)) as picture:
            assert picture.height > picture.width


@pytest.mark.row("F7")
@pytest.mark.parametrize(("blur", "seen"), [(0, ""), (1, ""), (4, "blurred"), (8, "blurred")])
async def test_a_label_is_checked_for_legibility(blur: int, seen: str) -> None:
    found, _, _ = await look(encoded(label(blur), quality=88))
    assert isinstance(found, Examined)
    assert found.seen == seen


@pytest.mark.row("F7")
async def test_dark_tiny_and_empty_pictures_are_told() -> None:
    for picture, seen in (
        (Image.new("RGB", (800, 600), (8, 8, 10)), "dark"),
        (Image.new("RGB", (800, 600), "white"), "glare"),
        (scene(200, 150), "small"),
    ):
        found, _, _ = await look(encoded(picture))
        assert isinstance(found, Examined)
        assert found.seen == seen


async def test_the_same_picture_is_known_again_and_another_is_not() -> None:
    first, _, _ = await look(encoded(scene(900, 700, seed=5), quality=95))
    again, _, _ = await look(encoded(scene(900, 700, seed=5).resize((450, 350)), quality=40))
    other, _, _ = await look(encoded(scene(900, 700, seed=6), quality=95))
    empty, _, _ = await look(encoded(Image.new("RGB", (600, 400), "white")))
    hashes = [one.phash for one in (first, again, other) if isinstance(one, Examined)]
    assert hashes[0] is not None
    assert hashes[1] is not None
    assert hashes[2] is not None
    assert (hashes[0] ^ hashes[1]).bit_count() <= 6
    assert (hashes[0] ^ hashes[2]).bit_count() > 12
    assert isinstance(empty, Examined)
    assert empty.phash is None


async def test_a_child_that_takes_too_long_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amends.adapters.files.examiner._PICTURE_S", 0)
    found, copy, _ = await look(phone_photo())
    assert found == Unfit("slow")
    assert copy == b""


def born_of(nursery: int) -> list[int]:
    """The living children of a process."""
    return [int(one) for one in Path(f"/proc/{nursery}/task/{nursery}/children").read_text().split()]


def grown_to(count: int, nursery: int) -> list[int]:
    """Its children once there are so many, or after five seconds."""
    give_up_at = time.monotonic() + 5
    while len(born := born_of(nursery)) != count and time.monotonic() < give_up_at:
        time.sleep(0.001)
    return born


async def test_whom_nobody_waits_for_any_more_is_killed() -> None:
    await look(phone_photo())
    nursery = examiner._NURSERY._running
    assert nursery is not None
    ours, line = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, line, ChildExaminer().scratch() as source, ChildExaminer().scratch() as out:
        source.write(encoded(scene(3000, 2000)))
        source.flush()
        numbers = [source.fileno(), out.fileno(), out.fileno(), line.fileno()]
        examiner._NURSERY.send(msgspec.json.encode(Task(LIMITS, 180)), numbers)
        (born,) = grown_to(1, nursery.pid)
        os.kill(born, signal.SIGSTOP)
        line.close()
        ours.close()
        assert grown_to(0, nursery.pid) == []
    assert nursery.poll() is None


async def test_a_nursery_that_was_killed_is_opened_again() -> None:
    await look(phone_photo())
    nursery = examiner._NURSERY._running
    assert nursery is not None
    nursery.kill()
    found, copy, _ = await look(phone_photo(seed=3))
    assert isinstance(found, Examined)
    assert copy
    assert examiner._NURSERY._running is not nursery
