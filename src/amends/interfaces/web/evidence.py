"""Files: sent one at a time by the page's script, and shown by signed addresses that run out."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream
from msgspec import to_builtins

from amends.application.evidence import SERVED, THUMB
from amends.application.ports.files import StoredFile, Unfit
from amends.domain.parties import Role
from amends.interfaces.web.evidence_cards import file_card, unfit
from amends.interfaces.web.evidence_intake import FILES, FORM_BYTES_MAX, limits_for, take
from amends.interfaces.web.evidence_links import good
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

# Nothing of a file runs, loads or is guessed, even where a browser is made to open it as a page.
_HEADERS = {
    "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "private, max-age=900, immutable",
    "accept-ranges": "bytes",
}
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})", re.ASCII)


@post("/orders/{order_id:str}/files", request_max_body_size=FORM_BYTES_MAX, status_code=201)
async def send(visit: NamedDependency[Visit], order_id: FromPath[str]) -> Response[dict[str, Any]]:
    """Take one file for an order: 201 with what is shown of it, 422 with the sentence that says why not."""
    upload = (await visit.request.form()).get(FILES)
    if not isinstance(upload, UploadFile) or not upload.filename:
        return Response({"error": visit.words.say(N_("Choose a file."))}, status_code=422)
    try:
        visit.require(Role.BUYER, Role.SELLER, Role.MEDIATOR, Role.OPERATOR)
        custody, _ = await visit.scene(order_id)
        found = await take(visit, upload, order_id, await limits_for(visit, custody))
    finally:
        await upload.close()
    if isinstance(found, Unfit):
        return Response({"error": unfit(visit, upload.filename, found)}, status_code=422)
    return Response(to_builtins(file_card(visit, found)), status_code=201)


@get("/files/{file_id:str}/{part:str}")
async def show(
    visit: NamedDependency[Visit],
    file_id: FromPath[str],
    part: FromPath[str],
    until: Annotated[str, QueryParameter(max_length=20)] = "",
    sig: Annotated[str, QueryParameter(max_length=100)] = "",
) -> Stream:
    """The copy of a file that people see, or its thumbnail: for the person the address was made for."""
    if not good(file_id, part, visit.actor, until, sig, visit.parts.secret, datetime.now(UTC)):
        raise NotFoundException
    file = await visit.parts.evidence.seen_by(visit.caller, file_id)
    if file is None or part not in {SERVED, THUMB} or (part == THUMB and not file.pictured):
        raise NotFoundException
    return await _streamed(visit, file, file.seen_as if part == SERVED else part)


async def _streamed(visit: Visit, file: StoredFile, part: str) -> Stream:
    room = visit.parts.evidence
    size = await room.size(file, part)
    headers = {**_HEADERS, "content-disposition": _disposition(file)}
    start, end = 0, size
    asked = _RANGE.fullmatch(visit.request.headers.get("range", ""))
    if asked is not None and int(asked[1]) < size:
        start, end = int(asked[1]), min(int(asked[2]) + 1 if asked[2] else size, size)
        headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
    headers["content-length"] = str(max(0, end - start))

    def pieces() -> AsyncIterator[bytes]:
        return room.bytes_of(file, part, start, end)

    return Stream(
        pieces,
        status_code=200 if asked is None or "content-range" not in headers else 206,
        headers=headers,
        media_type=file.served_type if part != THUMB else "image/jpeg",
    )


def _disposition(file: StoredFile) -> str:
    """Only what was drawn anew is shown in the browser; the rest is for saving."""
    how = "attachment" if file.seen_as == "original" else "inline"
    return f"{how}; filename*=UTF-8''{quote(file.name, safe='')}"


routes = Router("/", route_handlers=[send, show])
