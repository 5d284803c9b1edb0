"""Routes of the case file: all about a case as a ZIP that can be checked offline, and as a PDF to read."""

from collections.abc import AsyncIterator

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from amends.application.case_archive import archive
from amends.application.case_file import Dossier
from amends.application.ports.carriers import PapersUnavailable
from amends.application.words import Words
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.evidence_routes import ANSWERS_BYTES
from amends.interfaces.api.problems import fail
from amends.interfaces.api.routes import ApiRequest, CaseId, says


def case_file_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The two of them."""

    @get(
        "/cases/{case_id:str}/file.zip",
        name="get_case_archive",
        summary="Download the case file",
        description="Events exactly as they were hashed, messages, tracking, ledger, terms and files, with "
        "`verify.py`, which checks all of it offline. What is not for the caller is left out and said to be. "
        "The same state of the case is the same bytes; with If-None-Match an unchanged file is a 304.",
        tags=["Cases"],
        opt={**says(bytes), ANSWERS_BYTES: "application/zip"},
    )
    async def get_case_archive(request: ApiRequest, case_id: CaseId) -> Response[bytes] | Stream:
        dossier = await _dossier(desk, request, case_id)
        headers = _headers(dossier, "zip", dossier.version)
        if _known(request, headers):
            return Response(b"", status_code=304, headers=headers)

        def pieces() -> AsyncIterator[bytes]:
            return archive(dossier, desk.parts.case_files.room)

        return Stream(pieces, headers=headers, media_type="application/zip")

    @get(
        "/cases/{case_id:str}/file.pdf",
        name="get_case_paper",
        summary="Download the case file to read",
        description="One timeline of everything that happened, with messages, pictures, decisions, money, "
        "the clauses behind it, and the hashes of the last events. In English, in UTC.",
        tags=["Cases"],
        opt={**says(bytes), ANSWERS_BYTES: "application/pdf"},
    )
    async def get_case_paper(request: ApiRequest, case_id: CaseId) -> Response[bytes]:
        dossier = await _dossier(desk, request, case_id)
        headers = _headers(dossier, "pdf", f"{dossier.version}-pdf")
        if _known(request, headers):
            return Response(b"", status_code=304, headers=headers)
        try:
            made = await desk.parts.case_papers.pdf(dossier, Words())
        except PapersUnavailable:
            fail("unavailable", "The document cannot be made at the moment; the ZIP has all of it.")
        return Response(made, headers=headers, media_type="application/pdf")

    return [get_case_archive, get_case_paper]


async def _dossier(desk: Desk, request: ApiRequest, case_id: str) -> Dossier:
    dossier = await desk.parts.case_files.read(request.user, case_id)
    if dossier is None:
        fail("not_found", f"There is no case {case_id}.")
    return dossier


def _headers(dossier: Dossier, ending: str, version: str) -> dict[str, str]:
    return {
        "ETag": f'"{version}"',
        "Content-Disposition": f'attachment; filename="case-{dossier.case.case_id}.{ending}"',
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }


def _known(request: ApiRequest, headers: dict[str, str]) -> bool:
    """Whether If-None-Match names what is there (RFC 9110, 13.1.2)."""
    named = request.headers.get("if-none-match", "")
    tags = [tag.strip().removeprefix("W/") for tag in named.split(",")]
    return headers["ETag"] in tags or tags == ["*"]
