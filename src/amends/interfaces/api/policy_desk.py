"""Taking steps with a version of a pack: what the routes of the policy share."""

from typing import Annotated

import msgspec
from litestar import Response
from litestar.params import PathParameter

from amends.domain.policy.drafts import PACK_ID
from amends.domain.policy.stack import PackError
from amends.domain.policy.steps import Step
from amends.domain.refusals import Refused
from amends.interfaces.api.conditions import etag
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.policy_views import version_view
from amends.interfaces.api.problems import ProblemRaised, fail, of_refusal, problem
from amends.interfaces.api.routes import ApiRequest, asked_by, shown

PackId = Annotated[str, PathParameter(pattern=f"^{PACK_ID.pattern}$", description="The name of the pack.")]
Version = Annotated[int, PathParameter(ge=1, le=10**6, description="The number of the version.")]


async def take(
    desk: Desk,
    request: ApiRequest,
    pack_id: str,
    version: int,
    step: Step,
    pointer: str,
    status: int = 200,
) -> Response[bytes]:
    """Take a step and show the version. Raises `ProblemRaised`."""
    asked = await asked_by(request)
    try:
        found = await desk.parts.studio.take(pack_id, version, step, by(request), asked.conditions.seq)
    except PackError as error:
        raise mistaken(error, pointer) from error
    if isinstance(found, Refused):
        raise ProblemRaised(of_refusal(found))
    answer = await version_shown(desk, pack_id, version)
    answer.status_code = status
    return answer


def mistaken(error: PackError, pointer: str) -> ProblemRaised:
    """Every mistake of a text by file and line."""
    facts: dict[str, object] = {"problems": msgspec.to_builtins(error.problems)}
    return ProblemRaised(problem("invalid", str(error), pointer=pointer, facts=facts))


def by(request: ApiRequest) -> str:
    """How steps name the caller."""
    return f"{request.user.role.value}:{request.user.id}"


async def text_of(desk: Desk, pack_id: str, version: int) -> str:
    """The TOML of a version. Raises `ProblemRaised`."""
    text = await desk.parts.studio.book.text(pack_id, version)
    if text is None:
        fail("not_found", f"There is no version {version} of {pack_id}.")
    return text


async def version_shown(desk: Desk, pack_id: str, version: int) -> Response[bytes]:
    """A version with its ETag. Raises `ProblemRaised`."""
    view = await version_view(desk, pack_id, version)
    if view is None:
        fail("not_found", f"There is no version {version} of {pack_id}.")
    return shown(view, etag(view.number))
