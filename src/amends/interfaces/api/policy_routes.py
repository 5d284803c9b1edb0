"""Routes of the policy: packs with their versions, drafts written, reviewed by a second person, published."""

from typing import Annotated

import msgspec
from litestar import Response, delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter
from msgspec import Meta

from amends.domain.policy import steps
from amends.domain.policy import studio as s
from amends.domain.policy.changes import ClauseChange, changes
from amends.domain.policy.clauses import Layer
from amends.domain.policy.packs import load_pack
from amends.domain.policy.stack import PackError
from amends.domain.policy.writing import table_of, with_clause, without_clause
from amends.domain.refusals import Refused
from amends.interfaces.api.bodies import Body, Short, Words
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.json_body import read
from amends.interfaces.api.policy_desk import PackId, Version, by, mistaken, take, text_of, version_shown
from amends.interfaces.api.policy_step_routes import policy_step_routes
from amends.interfaces.api.policy_views import PackList, VersionView, pack_list
from amends.interfaces.api.problems import ProblemRaised, fail, of_refusal
from amends.interfaces.api.routes import ApiRequest, asked_by, says, shown

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


class ChangeList(msgspec.Struct, frozen=True):
    """What a version changes by clause, compared with the version in force, or the one it was made of."""

    against: str
    changes: tuple[ClauseChange, ...]


def policy_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Every route below /policies."""
    return [*_reading(desk), *_writing(desk), *policy_step_routes(desk)]


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
        return await version_shown(desk, pack_id, version)

    @get(
        "/policies/{pack_id:str}/versions/{version:int}/changes",
        name="list_policy_changes",
        summary="Compare a version",
        description="By clause: parameters, conditions and words before and after.",
        tags=["Policies"],
        opt=says(ChangeList),
    )
    async def list_policy_changes(request: ApiRequest, pack_id: PackId, version: Version) -> Response[bytes]:  # noqa: ARG001
        text = await text_of(desk, pack_id, version)
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
                by(request),
                copy_of=body.copy_of,
                text=body.text,
                note=body.note,
                title=body.title,
                layer=Layer[body.layer.upper()],
            )
        except PackError as error:
            raise mistaken(error, "/text") from error
        if isinstance(found, Refused):
            raise ProblemRaised(of_refusal(found))
        answer = await version_shown(desk, pack_id, found.version)
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
        return await take(
            desk, request, pack_id, version, steps.Edited(text=body.text, note=body.note), "/text"
        )

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
        text = await text_of(desk, pack_id, version)
        known = table_of(text, clause_id) is not None
        table = {**body.clause, "id": clause_id}
        written = with_clause(text, table, clause_id if known else "")
        step = steps.Edited(text=written, note=body.note or f"Clause {clause_id}")
        return await take(desk, request, pack_id, version, step, "/clause")

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
        text = await text_of(desk, pack_id, version)
        if table_of(text, clause_id) is None:
            fail("not_found", f"There is no clause {clause_id} in it.")
        step = steps.Edited(text=without_clause(text, clause_id), note=f"Without clause {clause_id}")
        return await take(desk, request, pack_id, version, step, "")

    return [begin_policy, put_policy_text, put_policy_clause, delete_policy_clause]
