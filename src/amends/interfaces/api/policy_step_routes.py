"""Routes of what becomes of a version: said about, reviewed by a second person, published, withdrawn."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, post, put
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta

from amends.domain.policy import steps
from amends.interfaces.api.bodies import Body, Short, Words
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.json_body import read
from amends.interfaces.api.policy_desk import PackId, Version, take
from amends.interfaces.api.policy_views import VersionView
from amends.interfaces.api.routes import ApiRequest, says


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


def policy_step_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """What is said and done with a version below /policies."""
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
        return await take(
            desk, request, pack_id, version, steps.Commented(note=body.note, clause=body.clause), "", 201
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
        return await take(desk, request, pack_id, version, steps.Submitted(note=body.note), "", 201)

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
        return await take(desk, request, pack_id, version, steps.Returned(note=body.note), "", 201)

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
        return await take(desk, request, pack_id, version, steps.Approved(note=body.note), "", 201)

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
        step = steps.Published(since=body.since, note=body.note)
        return await take(desk, request, pack_id, version, step, "/since")

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
        return await take(desk, request, pack_id, version, steps.Withdrawn(note=body.note), "", 201)

    return [comment_policy, review_policy, return_policy, approve_policy, publish_policy, withdraw_policy]
