"""Records of files: the same promises in memory and in PostgreSQL; bytes in memory, in a folder and in S3."""

import io
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from msgspec.structs import replace

from amends.adapters.files.blobs import memory_blobs, open_blobs
from amends.adapters.memory.files import MemoryFiles
from amends.adapters.postgres.files import PostgresFiles
from amends.adapters.postgres.pool import open_pool
from amends.application.ports.files import Blobs, Files, StoredFile
from amends.domain.parties import Actor, Role

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANA = Actor(Role.BUYER, "ana")
LAMPS = Actor(Role.SELLER, "lamps")
SECOND = timedelta(seconds=1)


def a_file(n: int, order_id: str = "o1", by: Actor = ANA, phash: int | None = None) -> StoredFile:
    return StoredFile(
        file_id=f"{n:032x}",
        order_id=order_id,
        by=by,
        name=f"{n}.jpg",
        media_type="image/jpeg",
        served_type="image/jpeg",
        size=10 + n,
        sha256=f"{n:064x}",
        at=NOW,
        width=4,
        height=3,
        phash=phash,
    )


@pytest.fixture(params=["memory", "postgres"])
async def files(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Files]:
    if request.param == "memory":
        yield MemoryFiles()
        return
    pool = await open_pool(database_url, 1)
    yield PostgresFiles(pool)
    await pool.close()


async def kept(files: Files, *some: StoredFile) -> None:
    for one in some:
        assert await files.add(one, 100)
        await files.finish(one.file_id)


async def test_a_file_is_ready_once_its_bytes_are_there(files: Files) -> None:
    file = a_file(1, phash=2**64 - 5)
    assert await files.add(file, 1)
    assert (await files.find([file.file_id])) == {file.file_id: file}
    assert await files.same("o1", ANA, file.sha256) is None
    assert await files.hold([file.file_id], NOW) == frozenset()
    await files.finish(file.file_id)
    ready = replace(file, ready=True)
    assert await files.same("o1", ANA, file.sha256) == ready
    assert await files.same("o1", LAMPS, file.sha256) is None
    assert await files.same("o2", ANA, file.sha256) is None
    assert await files.hold([file.file_id, "f" * 32], NOW) == {file.file_id}


async def test_a_file_that_is_there_is_taken_up_again(files: Files) -> None:
    first = a_file(1)
    assert await files.add(first, 1)
    assert await files.add(replace(first, name="again.jpg", at=NOW + 2 * SECOND), 1)
    await files.finish(first.file_id)
    assert await files.add(replace(first, at=NOW + SECOND), 1)
    assert await files.find([first.file_id]) == {first.file_id: replace(first, ready=True)}
    assert await files.stale(NOW + 2 * SECOND, 5) == []
    assert await files.condemn(first.file_id, NOW + 3 * SECOND)
    assert not await files.add(first, 1)


async def test_each_party_has_so_many_files_on_an_order(files: Files) -> None:
    assert await files.add(a_file(1), 2)
    assert await files.add(a_file(2), 2)
    assert not await files.add(a_file(3), 2)
    assert await files.add(a_file(4, by=LAMPS), 2)
    assert await files.add(a_file(5, order_id="o2"), 2)
    assert list(await files.find([a_file(3).file_id])) == []


async def test_what_nobody_holds_on_to_is_stale_and_what_is_settled_is_not(files: Files) -> None:
    await kept(files, a_file(1), a_file(2), a_file(3))
    await files.settle([a_file(2).file_id], "o1.1")
    await files.hold([a_file(3).file_id], NOW + timedelta(hours=1))
    assert [one.name for one in await files.stale(NOW, 10)] == []
    assert [one.name for one in await files.stale(NOW + SECOND, 10)] == ["1.jpg"]
    later = NOW + timedelta(hours=1)
    assert [one.name for one in await files.stale(later + SECOND, 10)] == ["1.jpg", "3.jpg"]
    assert not await files.condemn(a_file(3).file_id, later)
    assert not await files.condemn(a_file(2).file_id, later + SECOND)
    assert await files.condemn(a_file(1).file_id, later)
    # Nothing can hold on to it any more, but it is still there to be cleared away.
    assert await files.hold([a_file(1).file_id], later) == frozenset()
    assert list(await files.find([a_file(1).file_id])) == []
    assert [one.name for one in await files.stale(later, 10)] == ["1.jpg"]
    await files.forget(a_file(1).file_id)
    await files.forget(a_file(2).file_id)
    assert await files.stale(later, 10) == []
    assert (await files.find([a_file(2).file_id]))[a_file(2).file_id].shared_with == "o1.1"


async def test_pictures_that_look_alike_are_found_across_orders(files: Files) -> None:
    seen = 0xF0E1D2C3B4A59687
    await kept(
        files,
        a_file(1, "o1", phash=seen),
        a_file(2, "o2", phash=seen),
        a_file(3, "o3", phash=seen ^ 0b111),
        a_file(4, "o4", phash=seen ^ 0x0101010101010101),
        a_file(5, "o5", phash=seen ^ 0x7F),
        a_file(6, "o6", phash=None),
        a_file(7, "o7", phash=seen),
    )
    await files.settle([a_file(n).file_id for n in (1, 2, 3, 4, 5, 6)])
    assert [one.name for one in await files.alike(seen, 6, "o1", 5)] == ["2.jpg", "3.jpg"]
    assert [one.name for one in await files.alike(seen, 7, "o1", 5)] == ["2.jpg", "3.jpg", "5.jpg"]
    assert [one.name for one in await files.alike(seen, 7, "o1", 1)] == ["2.jpg"]


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["memory", "folder", "s3"])
async def blobs(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Blobs]:
    if request.param == "memory":
        yield memory_blobs()
    elif request.param == "folder":
        yield open_blobs(None, tmp_path / "files")
    else:
        url = request.getfixturevalue("moto")
        for name, value in {
            "AWS_ENDPOINT_URL": url,
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "sample",
            "AWS_SECRET_ACCESS_KEY": "sample",
            "AWS_REGION": "us-east-1",
        }.items():
            monkeypatch.setenv(name, value)
        import httpx  # noqa: PLC0415

        async with httpx.AsyncClient() as client:
            await client.put(f"{url}/evidence")
        yield open_blobs("s3://evidence/amends", tmp_path)


async def bytes_of(blobs: Blobs, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([piece async for piece in blobs.get(key, start, end)])


async def test_bytes_come_back_whole_and_in_pieces(blobs: Blobs) -> None:
    data = bytes(range(256)) * 40_000  # more than one part of an upload to S3
    await blobs.put("a/original", io.BytesIO(data))
    await blobs.put("a/thumb", io.BytesIO(b"small"))
    await blobs.put("ab/original", io.BytesIO(b"another"))
    assert await blobs.size("a/original") == len(data)
    assert await bytes_of(blobs, "a/original") == data
    assert await bytes_of(blobs, "a/original", 300, 310) == data[300:310]
    assert await bytes_of(blobs, "a/original", 5, 5) == b""
    await blobs.delete("a/")
    await blobs.delete("a/")
    for key in ("a/original", "a/thumb"):
        with pytest.raises(FileNotFoundError):
            await blobs.size(key)
    assert await bytes_of(blobs, "ab/original") == b"another"


def test_a_folder_of_files_is_closed_to_others(tmp_path: Path) -> None:
    open_blobs(None, tmp_path / "files")
    assert (tmp_path / "files").stat().st_mode & 0o777 == 0o700
