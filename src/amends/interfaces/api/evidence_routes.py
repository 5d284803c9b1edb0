"""Routes of files: sent for an order, described, and fetched; and the evidence meter of a case."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import AsyncIterator
from datetime import datetime
from typing import IO, Annotated
from urllib.parse import unquote

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter
from litestar.response import Stream

from amends.application.evidence import ORIGINAL, THUMB, digest_of
from amends.application.ports.files import StoredFile, Unfit
from amends.domain.burden import Need, needs_of
from amends.domain.parties import Role
from amends.domain.policy.uploads import limits_of
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.form_files import file_of
from amends.interfaces.api.problems import ProblemRaised, fail, problem
from amends.interfaces.api.routes import ApiRequest, CaseId, OrderId, says, shown

UPLOAD_BYTES_MAX = 256 * 1024 * 1024
#: Options of a route whose body, or answer, is a file's bytes: their media type.
READS_BYTES, ANSWERS_BYTES = "reads_bytes", "answers_bytes"

_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/=]{44}):", re.ASCII)
_NAME = re.compile(r"filename\*=UTF-8''([^;]+)|filename=\"([^\"]+)\"", re.IGNORECASE)
_WHY = {
    "type": (
        "unsupported_media_type",
        "This is no JPEG, HEIC, PNG, WebP, GIF, AVIF, MP4, QuickTime, WebM, 3GP or PDF.",
    ),
    "size": ("too_large", "The file has more than {most} bytes."),
    "pixels": ("invalid", "The picture has more than {most} pixels."),
    "seconds": ("invalid", "The film is longer than {most} seconds."),
    "count": ("invalid", "You have {most} files on this order, which is the most there may be."),
    "empty": ("invalid", "The body is empty: send the file's bytes."),
    "broken": ("invalid", "The file is damaged or not whole."),
    "active": ("invalid", "The PDF contains a program: print it to a new one."),
    "slow": ("invalid", "The file takes too long to read: send a smaller one."),
}

FileId = Annotated[str, PathParameter(pattern=r"^[0-9a-f]{32}$", description="The id a file was given.")]
# What is served is shown or saved, and nothing in it runs.
_HEADERS = {
    "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "private, no-cache",
}


class FileView(msgspec.Struct, frozen=True, kw_only=True):
    """A file. Evidence names it by ``file_id`` within a day, else it is removed.

    ``sha256`` is that of the original, which stays sealed; people see a copy of ``served_type`` without the
    original's metadata. ``seen`` says what could be better: blurred, dark, glare or small.
    """

    file_id: str
    order_id: str
    by: Role
    name: str
    media_type: str
    served_type: str
    size: int
    sha256: str
    at: datetime
    width: int
    height: int
    seconds: float
    seen: str
    content: str
    thumbnail: str


class NeedList(msgspec.Struct, frozen=True):
    """The evidence meter: every point somebody has to show."""

    needs: tuple[Need, ...]


def evidence_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Every route of files, and the meter."""
    return [_sending(desk), _describing(desk), *_fetching(desk), _metering(desk)]


def _sending(desk: Desk) -> HTTPRouteHandler:
    @post(
        "/orders/{order_id:str}/files",
        name="send_file",
        status_code=201,
        request_max_body_size=UPLOAD_BYTES_MAX,
        summary="Send a file as evidence",
        description="The file's bytes as the body (its name in Content-Disposition), or a form with one "
        "field `file`. With a Content-Digest of `sha-256` what arrives is compared with it. Sent again, the "
        "same bytes are the same file: a broken upload is just repeated.",
        tags=["Evidence"],
        opt={**says(FileView), READS_BYTES: "application/octet-stream"},
    )
    async def send_file(request: ApiRequest, order_id: OrderId) -> Response[bytes]:
        custody, _ = await desk.scene(request.user, order_id)
        terms = await desk.terms([line.terms_id for line in custody.order.lines[:1]])
        limits = limits_of(next(iter(terms.values()), None))
        room = desk.parts.evidence
        with room.scratch() as source:
            name = await received(request, source, limits.size)
            found = await room.take(
                source, name=name, order_id=order_id, by=request.user.actor, limits=limits
            )
        return taken(found)

    return send_file


def taken(found: StoredFile | Unfit) -> Response[bytes]:
    """The answer to a file that was sent. Raises `ProblemRaised` where it was not taken."""
    if isinstance(found, Unfit):
        kind, detail = _WHY[found.why]
        raise ProblemRaised(problem(kind, detail.format(most=found.most), facts={"why": found.why}))
    return Response(_encode(_view(found)), status_code=201, media_type="application/json")


async def received(request: ApiRequest, source: IO[bytes], most: int) -> str:
    """Write the body to the disk as it comes, and compare it with its digest; the file's name."""
    name = await _written(request, source, most)
    _compare(request.headers.get("content-digest", ""), source)
    return name


async def _written(request: ApiRequest, source: IO[bytes], most: int) -> str:
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await file_of(request, source, most)
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > most:
            fail("too_large", f"The file has more than {most} bytes.")
        source.write(piece)
    named = _NAME.search(request.headers.get("content-disposition", ""))
    return unquote(named[1] or "") or named[2] if named else "file"


def _compare(header: str, source: IO[bytes]) -> None:
    """Content-Digest (RFC 9530), where there is one with SHA-256."""
    named = _DIGEST.search(header)
    if named is None:
        return
    try:
        wanted = b64decode(named[1], validate=True)
    except NotBase64:
        fail("invalid", "Content-Digest is not base64.", parameter="Content-Digest")
    if digest_of(source) != wanted:
        fail("invalid", "The bytes that arrived are not those of Content-Digest: send them again.",
             parameter="Content-Digest")  # fmt: skip


def _describing(desk: Desk) -> HTTPRouteHandler:
    @get(
        "/files/{file_id:str}",
        name="get_file",
        summary="Read about a file",
        description="What it is, its SHA-256, and where the copy and the thumbnail are.",
        tags=["Evidence"],
        opt=says(FileView),
    )
    async def get_file(request: ApiRequest, file_id: FileId) -> Response[bytes]:
        return shown(_view(await _file(desk, request, file_id)))

    return get_file


def _fetching(desk: Desk) -> list[HTTPRouteHandler]:
    @get(
        "/files/{file_id:str}/content",
        name="get_file_content",
        summary="Fetch a file",
        description="The copy people see: drawn anew, without the metadata of the original. A PDF as it "
        "came, to be saved.",
        tags=["Evidence"],
        opt={**says(FileView), ANSWERS_BYTES: "*/*"},
    )
    async def get_file_content(request: ApiRequest, file_id: FileId) -> Stream:
        file = await _file(desk, request, file_id)
        return await _streamed(desk, file, file.seen_as, file.served_type)

    @get(
        "/files/{file_id:str}/thumbnail",
        name="get_file_thumbnail",
        summary="Fetch a thumbnail",
        description="A small JPEG of a picture, or of a film's beginning; a PDF has none.",
        tags=["Evidence"],
        opt={**says(FileView), ANSWERS_BYTES: "image/jpeg"},
    )
    async def get_file_thumbnail(request: ApiRequest, file_id: FileId) -> Stream:
        file = await _file(desk, request, file_id)
        if not file.pictured:
            fail("not_found", "A PDF has no thumbnail.")
        return await _streamed(desk, file, THUMB, "image/jpeg")

    @get(
        "/files/{file_id:str}/original",
        name="get_file_original",
        summary="Fetch the sealed original",
        description="The bytes as they were sent, whose SHA-256 stands in the case's events. They are "
        "whatever somebody sent: open them with care.",
        tags=["Evidence"],
        opt={**says(FileView), ANSWERS_BYTES: "application/octet-stream"},
    )
    async def get_file_original(request: ApiRequest, file_id: FileId) -> Stream:
        file = await _file(desk, request, file_id)
        return await _streamed(desk, file, ORIGINAL, "application/octet-stream")

    return [get_file_content, get_file_thumbnail, get_file_original]


def _metering(desk: Desk) -> HTTPRouteHandler:
    @get(
        "/cases/{case_id:str}/needs",
        name="get_case_needs",
        summary="Read the evidence meter",
        description="What the case needs to be shown, by whom, what is there, what is missing, until when.",
        tags=["Evidence"],
        opt=says(NeedList),
    )
    async def get_case_needs(request: ApiRequest, case_id: CaseId) -> Response[bytes]:
        file = await desk.file(request.user, case_id)
        return shown(NeedList(needs_of(file.case, file.custody.order)))

    return get_case_needs


async def _file(desk: Desk, request: ApiRequest, file_id: str) -> StoredFile:
    file = await desk.parts.evidence.seen_by(request.user, file_id)
    if file is None:
        fail("not_found", f"There is no file {file_id}.")
    return file


async def _streamed(desk: Desk, file: StoredFile, part: str, media_type: str) -> Stream:
    room = desk.parts.evidence
    size = await room.size(file, part)

    def pieces() -> AsyncIterator[bytes]:
        return room.bytes_of(file, part, 0, size)

    headers = {**_HEADERS, "content-length": str(size), "content-disposition": "attachment"}
    return Stream(pieces, headers=headers, media_type=media_type)


def _view(file: StoredFile) -> FileView:
    return FileView(
        file_id=file.file_id,
        order_id=file.order_id,
        by=file.by.role,
        name=file.name,
        media_type=file.media_type,
        served_type=file.served_type,
        size=file.size,
        sha256=file.sha256,
        at=file.at,
        width=file.width,
        height=file.height,
        seconds=file.seconds,
        seen=file.seen,
        content=f"/v1/files/{file.file_id}/content",
        thumbnail=f"/v1/files/{file.file_id}/thumbnail" if file.pictured else "",
    )


_encode = msgspec.json.Encoder().encode
