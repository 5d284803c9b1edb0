"""Routes of the policy: packs with their versions, drafts written, reviewed by a second person, published."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter
from msgspec import Meta

from amends.domain.policy import studio as s
from amends.domain.policy.changes import ClauseChange, changes
from amends.domain.policy.clauses import Layer
from amends.domain.policy.drafts import PACK_ID
from amends.domain.policy.packs import load_pack
from amends.domain.policy.stack import PackError
from amends.domain.policy.writing import table_of, with_clause, without_clause
from amends.domain.refusals import Refused
from amends.interfaces.api.bodies import Body, Short, Words
from amends.interfaces.api.conditions import etag
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.json_body import read
from amends.interfaces.api.policy_views import PackList, VersionView, pack_list, version_view
from amends.interfaces.api.problems import ProblemRaised, fail, of_refusal, problem
from amends.interfaces.api.routes import ApiRequest, asked_by, says, shown

PackId = Annotated[str, PathParameter(pattern=f"^{PACK_ID.pattern}$", description="The name of the pack.")]
Version = Annotated[int, PathParameter(ge=1, le=10**6, description="The number of the version.")]
ClauseId = Annotated[
    str, PathParameter(pattern=r"^[A-Za-z0-9_.-]{1,100}$", description="The id of the clause.")
]
_TEXT = Annotated[str, Meta(min_length=1, max_length=s.TEXT_MAX)]
_SEASON = """[pack]
id = "winter-holidays"
version = 1
layer = "promotion"
title = "Winter holidays"

[[clause]]
id = "winter.return"
sets = { "return.extension_until" = "2027-01-31" }
when = { placed_from = 2026-11-15T00:00:00Z, placed_before = 2027-01-01T00:00:00Z }
sentence = "What was bought before the new year may come back until 31 January."
citation = "ours: presents are opened late"
"""
_CLAUSE: dict[str, object] = {
    "clause": {
        "sets": {"return.window": "20 d"},
        "sentence": "The buyer has 20 days after receipt to ask for a return or refund.",
        "citation": "ours",
    }
}


class DraftBody(Body, frozen=True, kw_only=True):
    """How a version begins: as a copy of ``copy_of``, with a ``text``, or as an empty pack of a ``layer``."""

    copy_of: Annotated[int, Meta(ge=0, le=10**6)] = 0
    text: Annotated[str, Meta(max_length=s.TEXT_MAX)] = ""
    layer: Annotated[str, Meta(pattern="^(platform|jurisdiction|category|promotion|negotiated)$")] = (
        "promotion"
    )
    title: Short = ""
    note: Words = ""


class TextBody(Body, frozen=True, kw_only=True):
    """The whole pack in TOML, and what was changed."""

    text: _TEXT
    note: Words = ""


class ClauseBody(Body, frozen=True, kw_only=True):
    """A clause with the keys it has in TOML, values as they are written there, and what was changed."""

    clause: dict[str, object]
    note: Words = ""


class NoteBody(Body, frozen=True, kw_only=True):
    """Why."""

    note: Words = ""


class CommentBody(Body, frozen=True, kw_only=True):
    """What to say about a clause, or about the whole where ``clause`` is empty."""

    note: Words
    clause: Short = ""


class PublicationBody(Body, frozen=True, kw_only=True):
    """From when on orders fall under it; an instant to come."""

    since: Annotated[datetime, Meta(tz=True)]
    note: Words = ""


class ChangeList(msgspec.Struct, frozen=True):
    """What a version changes by clause, compared with the version in force, or the one it was made of."""

    against: str
    changes: tuple[ClauseChange, ...]


def policy_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Every route below /policies."""
    return [*_reading(desk), *_writing(desk), *_steps(desk)]


def _reading(desk: Desk) -> list[HTTPRouteHandler]:
    @get(
        "/policies",
        name="list_policies",
        summary="List packs and their versions",
        description="What is in force, what is scheduled, what is being written.",
        tags=["Policies"],
        opt=says(PackList),
    )
    async def list_policies(request: ApiRequest) -> Response[bytes]:  # noqa: ARG001
        return shown(await pack_list(desk))

    @get(
        "/policies/{pack_id:str}/versions/{version:int}",
        name="get_policy",
        summary="Read a version of a pack",
        description="Its text, how it stands, and all that was done and said. The ETag counts its steps.",
        tags=["Policies"],
        opt=says(VersionView),
    )
    async def get_policy(request: ApiRequest, pack_id: PackId, version: Version) -> Response[bytes]:  # noqa: ARG001
        return await _shown(desk, pack_id, version)

    @get(
        "/policies/{pack_id:str}/versions/{version:int}/changes",
        name="list_policy_changes",
        summary="Compare a version",
        description="By clause: parameters, conditions and words before and after.",
        tags=["Policies"],
        opt=says(ChangeList),
    )
    async def list_policy_changes(request: ApiRequest, pack_id: PackId, version: Version) -> Response[bytes]:  # noqa: ARG001
        text = await _text(desk, pack_id, version)
        book = desk.parts.studio.book
        live = await book.in_force(desk.parts.clock.now())
        was = next((one for one in live if one.pack_id == pack_id and one.version != version), None)
        found = changes(was, load_pack(text, s.file_of(pack_id)))
        return shown(ChangeList(f"{pack_id}@{was.version}" if was else "", found))

    return [list_policies, get_policy, list_policy_changes]


def _writing(desk: Desk) -> list[HTTPRouteHandler]:
    drafts = msgspec.json.Decoder(DraftBody)
    texts, clauses = msgspec.json.Decoder(TextBody), msgspec.json.Decoder(ClauseBody)

    @post(
        "/policies/{pack_id:str}/versions",
        name="begin_policy",
        summary="Begin a version",
        description="A draft: nothing is in force until a second person approved it and it was published.",
        tags=["Policies"],
        opt=says(VersionView, reads=DraftBody, example={"text": _SEASON, "note": "As every year."}),
    )
    async def begin_policy(request: ApiRequest, pack_id: PackId) -> Response[bytes]:
        await asked_by(request)
        body = read(drafts, await request.body())
        try:
            found = await desk.parts.studio.begin(
                pack_id,
                _by(request),
                copy_of=body.copy_of,
                text=body.text,
                note=body.note,
                title=body.title,
                layer=Layer[body.layer.upper()],
            )
        except PackError as error:
            raise _mistaken(error, "/text") from error
        if isinstance(found, Refused):
            raise ProblemRaised(of_refusal(found))
        answer = await _shown(desk, pack_id, found.version)
        answer.status_code = 201
        return answer

    @put(
        "/policies/{pack_id:str}/versions/{version:int}/text",
        name="put_policy_text",
        summary="Write a draft",
        description="The whole text. It is checked like any pack; with a mistake nothing is kept, and each is"
        " told by line.",
        tags=["Policies"],
        opt=says(VersionView, reads=TextBody, example={"text": _SEASON, "note": "Two weeks more."}),
    )
    async def put_policy_text(request: ApiRequest, pack_id: PackId, version: Version) -> Response[bytes]:
        body = read(texts, await request.body())
        return await _take(desk, request, pack_id, version, s.Edited(text=body.text, note=body.note), "/text")

    @put(
        "/policies/{pack_id:str}/versions/{version:int}/clauses/{clause_id:str}",
        name="put_policy_clause",
        summary="Write a clause of a draft",
        description="In the place of the clause of this id, or at the end; the rest stays as it is.",
        tags=["Policies"],
        opt=says(VersionView, reads=ClauseBody, example=_CLAUSE),
    )
    async def put_policy_clause(
        request: ApiRequest, pack_id: PackId, version: Version, clause_id: ClauseId
    ) -> Response[bytes]:
        body = read(clauses, await request.body())
        text = await _text(desk, pack_id, version)
        known = table_of(text, clause_id) is not None
        table = {**body.clause, "id": clause_id}
        written = with_clause(text, table, clause_id if known else "")
        step = s.Edited(text=written, note=body.note or f"Clause {clause_id}")
        return await _take(desk, request, pack_id, version, step, "/clause")

    @delete(
        "/policies/{pack_id:str}/versions/{version:int}/clauses/{clause_id:str}",
        name="delete_policy_clause",
        status_code=200,
        summary="Take a clause out of a draft",
        description="The rest of the text stays as it is.",
        tags=["Policies"],
        opt=says(VersionView),
    )
    async def delete_policy_clause(
        request: ApiRequest, pack_id: PackId, version: Version, clause_id: ClauseId
    ) -> Response[bytes]:
        text = await _text(desk, pack_id, version)
        if table_of(text, clause_id) is None:
            fail("not_found", f"There is no clause {clause_id} in it.")
        step = s.Edited(text=without_clause(text, clause_id), note=f"Without clause {clause_id}")
        return await _take(desk, request, pack_id, version, step, "")

    return [begin_policy, put_policy_text, put_policy_clause, delete_policy_clause]


def _steps(desk: Desk) -> list[HTTPRouteHandler]:
    notes, comments = msgspec.json.Decoder(NoteBody), msgspec.json.Decoder(CommentBody)
    publications = msgspec.json.Decoder(PublicationBody)

    @post(
        "/policies/{pack_id:str}/versions/{version:int}/comments",
        name="comment_policy",
        summary="Comment on a version",
        description="About a clause, or about the whole.",
        tags=["Policies"],
        opt=says(
            VersionView, reads=CommentBody, example={"clause": "winter.return", "note": "Why not February?"}
        ),
    )
    async def comment_policy(request: ApiRequest, pack_id: PackId, version: Version) -> Response[bytes]:
        body = read(comments, await request.body())
        return await _take(
            desk, request, pack_id, version, s.Commented(note=body.note, clause=body.clause), "", 201
        )

    @post(
        "/policies/{pack_id:str}/versions/{version:int}/review",
        name="review_policy",
        summary="Send a draft for review",
        description="With why the policy should change. It can no longer be edited.",
        tags=["Policies"],
        opt=says(VersionView, reads=NoteBody, example={"note": "Presents are opened late."}),
    )
    async def review_policy(request: ApiRequest, pack_id: PackId, version: Version) -> Response[bytes]:
        body = read(notes, await request.body())
        return await _take(desk, request, pack_id, version, s.Submitted(note=body.note), "", 201)

    @post(
        "/policies/{pack_id:str}/versions/{version:int}/return",
        name="return_policy",
        summary="Send a version back",
        description="It is a draft again, and has to be approved anew.",
        tags=["Policies"],
        opt=says(VersionView, reads=NoteBody, example={"note": "The day is a Sunday."}),
    )
    async def return_policy(request: ApiRequest, pack_id: PackId, version: Version) -> Response[bytes]:
        body = read(notes, await request.body())
        return await _take(desk, request, pack_id, version, s.Returned(note=body.note), "", 201)

    @post(
        "/policies/{pack_id:str}/versions/{version:int}/approval",
        name="approve_policy",
        summary="Approve a version",
        description="By somebody who wrote no part of it.",
        tags=["Policies"],
        opt=says(VersionView, reads=NoteBody, example={"note": "Read and agreed."}),
    )
    async def approve_policy(request: ApiRequest, pack_id: PackId, version: Version) -> Response[bytes]:
        body = read(notes, await request.body())
        return await _take(desk, request, pack_id, version, s.Approved(note=body.note), "", 201)

    @put(
        "/policies/{pack_id:str}/versions/{version:int}/publication",
        name="publish_policy",
        summary="Publish a version",
        description="From an instant to come: orders placed from then on fall under it, in every process."
        " What was bought before keeps its terms.",
        tags=["Policies"],
        opt=says(VersionView, reads=PublicationBody, example={"since": "2030-11-15T00:00:00Z"}),
    )
    async def publish_policy(request: ApiRequest, pack_id: PackId, version: Version) -> Response[bytes]:
        body = read(publications, await request.body())
        step = s.Published(since=body.since, note=body.note)
        return await _take(desk, request, pack_id, version, step, "/since")

    @post(
        "/policies/{pack_id:str}/versions/{version:int}/withdrawal",
        name="withdraw_policy",
        summary="Withdraw a version",
        description="Before it is in force; what is in force is replaced by another version instead.",
        tags=["Policies"],
        opt=says(VersionView, reads=NoteBody, example={"note": "Not this year."}),
    )
    async def withdraw_policy(request: ApiRequest, pack_id: PackId, version: Version) -> Response[bytes]:
        body = read(notes, await request.body())
        return await _take(desk, request, pack_id, version, s.Withdrawn(note=body.note), "", 201)

    return [comment_policy, review_policy, return_policy, approve_policy, publish_policy, withdraw_policy]


async def _take(
    desk: Desk, request: ApiRequest, pack_id: str, version: int, step: s.Step, pointer: str, status: int = 200
) -> Response[bytes]:
    """Take a step and show the version. Raises `ProblemRaised`."""
    asked = await asked_by(request)
    try:
        found = await desk.parts.studio.take(pack_id, version, step, _by(request), asked.conditions.seq)
    except PackError as error:
        raise _mistaken(error, pointer) from error
    if isinstance(found, Refused):
        raise ProblemRaised(of_refusal(found))
    answer = await _shown(desk, pack_id, version)
    answer.status_code = status
    return answer


def _mistaken(error: PackError, pointer: str) -> ProblemRaised:
    facts: dict[str, object] = {"problems": msgspec.to_builtins(error.problems)}
    return ProblemRaised(problem("invalid", str(error), pointer=pointer, facts=facts))


def _by(request: ApiRequest) -> str:
    return f"{request.user.role.value}:{request.user.id}"


async def _text(desk: Desk, pack_id: str, version: int) -> str:
    text = await desk.parts.studio.book.text(pack_id, version)
    if text is None:
        fail("not_found", f"There is no version {version} of {pack_id}.")
    return text


async def _shown(desk: Desk, pack_id: str, version: int) -> Response[bytes]:
    view = await version_view(desk, pack_id, version)
    if view is None:
        fail("not_found", f"There is no version {version} of {pack_id}.")
    return shown(view, etag(view.number))
