"""Files that come with words to support."""

from typing import IO, Any, cast

from litestar import Response, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from msgspec import to_builtins
from msgspec.structs import replace

from amends.application.ports.files import StoredFile, Unfit
from amends.application.support.drawer import LIMITS
from amends.application.support.rules import FILES_MAX
from amends.domain.parties import Role
from amends.interfaces.web.evidence_cards import file_card, hint, unfit
from amends.interfaces.web.evidence_intake import FILES, FORM_BYTES_MAX, Received, Upload, received_by
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_URL = "/support/files"


@post(_URL, request_max_body_size=FORM_BYTES_MAX, status_code=201)
async def send(visit: NamedDependency[Visit]) -> Response[dict[str, Any]]:
    """Take one file for support: 201 with what is shown of it, 422 with the sentence that says why not."""
    upload = (await visit.request.form()).get(FILES)
    if not isinstance(upload, UploadFile) or not upload.filename:
        return Response({"error": visit.words.say(N_("Choose a file."))}, status_code=422)
    try:
        visit.require(Role.BUYER, Role.SELLER, Role.MEDIATOR, Role.OPERATOR)
        found = await _take(visit, upload)
    finally:
        await upload.close()
    if isinstance(found, Unfit):
        return Response({"error": unfit(visit, upload.filename, found)}, status_code=422)
    return Response(to_builtins(file_card(visit, found)), status_code=201)


def support_upload(visit: Visit, got: Received | None = None) -> Upload:
    """The file chooser of a form to support, with what came with the form before."""
    got = got or Received()
    return Upload(
        url=_URL,
        hint=hint(visit, replace(LIMITS, files=FILES_MAX)),
        cards=got.cards(visit),
        error=" ".join(got.wrong),
    )


async def support_files(visit: Visit, sent_before: list[str] | None) -> Received:
    """Take in the files of this request's form; those sent before by their ids."""
    known = await visit.parts.support.drawer.mine(visit.caller, sent_before or [])
    return await received_by(visit, known, lambda upload: _take(visit, upload))


async def _take(visit: Visit, upload: UploadFile) -> StoredFile | Unfit:
    try:
        upload.file.rollover()
        source = cast("IO[bytes]", upload.file)
        return await visit.parts.support.drawer.take(visit.caller, source, upload.filename)
    finally:
        await upload.close()
