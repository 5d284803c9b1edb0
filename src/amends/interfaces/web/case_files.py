"""The case file to download: a PDF in the reader's language, and a ZIP that can be checked offline."""

from collections.abc import AsyncIterator

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException, ServiceUnavailableException
from litestar.params import FromPath
from litestar.response import Stream

from amends.application.case_archive import archive
from amends.application.case_file import Dossier
from amends.application.ports.carriers import PapersUnavailable
from amends.interfaces.web.visits import Visit


@get("/cases/{case_id:str}/file.pdf")
async def paper(visit: NamedDependency[Visit], case_id: FromPath[str]) -> Response[bytes]:
    """Everything about the case, to read and to print."""
    dossier = await _dossier(visit, case_id)
    try:
        made = await visit.parts.case_papers.pdf(dossier, visit.words)
    except PapersUnavailable as error:
        raise ServiceUnavailableException from error
    return Response(made, headers=_headers(dossier, "pdf"), media_type="application/pdf")


@get("/cases/{case_id:str}/file.zip")
async def archived(visit: NamedDependency[Visit], case_id: FromPath[str]) -> Stream:
    """Everything about the case, as it is kept."""
    dossier = await _dossier(visit, case_id)

    def pieces() -> AsyncIterator[bytes]:
        return archive(dossier, visit.parts.case_files.room)

    return Stream(pieces, headers=_headers(dossier, "zip"), media_type="application/zip")


async def _dossier(visit: Visit, case_id: str) -> Dossier:
    dossier = await visit.parts.case_files.read(visit.caller, case_id)
    if dossier is None:
        raise NotFoundException
    return dossier


def _headers(dossier: Dossier, ending: str) -> dict[str, str]:
    name = f'attachment; filename="case-{dossier.case.case_id}.{ending}"'
    return {"content-disposition": name, "cache-control": "no-store", "x-content-type-options": "nosniff"}


routes = Router("/", route_handlers=[paper, archived])
