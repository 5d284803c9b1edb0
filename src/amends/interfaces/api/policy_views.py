"""Versions of packs as the API shows them."""

from datetime import datetime

import msgspec

from amends.domain.policy.packs import load_pack
from amends.domain.policy.stack import Pack
from amends.domain.policy.steps import Entry
from amends.domain.policy.studio import Revision, Shelf, Stand
from amends.interfaces.api.desk import Desk


class VersionBrief(msgspec.Struct, frozen=True, kw_only=True):
    """A version in the list. ``state`` is draft, in_review, approved, scheduled, in_force, superseded or
    withdrawn; ``since`` is from when on it holds.
    """

    version: int
    state: str
    since: datetime | None
    authors: tuple[str, ...]
    approved_by: str


class PackView(msgspec.Struct, frozen=True, kw_only=True):
    """A pack with its versions, newest first."""

    pack_id: str
    layer: str
    title: str
    versions: tuple[VersionBrief, ...]


class PackList(msgspec.Struct, frozen=True):
    """Every pack."""

    packs: tuple[PackView, ...]


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """One step: who did what when, and why. ``clause`` is what a comment is about."""

    at: datetime
    by: str
    step: str
    note: str
    clause: str


class VersionView(msgspec.Struct, frozen=True, kw_only=True):
    """A version: its text, how it stands, and its history, oldest first. ``number`` counts its steps."""

    pack_id: str
    version: int
    title: str
    layer: str
    state: str
    since: datetime | None
    base: str
    authors: tuple[str, ...]
    approved_by: str
    number: int
    text: str
    history: tuple[StepView, ...]


async def pack_list(desk: Desk) -> PackList:
    """Every pack with its versions."""
    book, now = desk.parts.studio.book, desk.parts.clock.now()
    shelf = await book.shelf()
    ids = dict.fromkeys([*(pack.pack_id for pack in book.shipped), *(key.pack_id for key in shelf.revisions)])
    return PackList(tuple(_pack(shelf, pack_id, book.shipped, now) for pack_id in ids))


def _pack(shelf: Shelf, pack_id: str, shipped: tuple[Pack, ...], now: datetime) -> PackView:
    own = sorted(
        (one for one in shelf.revisions.values() if one.pack_id == pack_id),
        key=lambda one: one.version,
        reverse=True,
    )
    along = [pack for pack in shipped if pack.pack_id == pack_id]
    head = along[0] if along else load_pack(own[0].text, own[0].file)
    beaten = any(shelf.stand(one, now) is Stand.IN_FORCE for one in own)
    briefs = [
        VersionBrief(
            version=one.version,
            state=shelf.stand(one, now).value,
            since=one.since,
            authors=one.authors,
            approved_by=one.approved_by,
        )
        for one in own
    ]
    briefs += [
        VersionBrief(
            version=pack.version,
            state=(Stand.SUPERSEDED if beaten else Stand.IN_FORCE).value,
            since=pack.published_from,
            authors=(),
            approved_by="",
        )
        for pack in along
    ]
    return PackView(pack_id=pack_id, layer=head.layer.name.lower(), title=head.title, versions=tuple(briefs))


async def version_view(desk: Desk, pack_id: str, version: int) -> VersionView | None:
    """One version, also one that comes along; None where there is none."""
    book, now = desk.parts.studio.book, desk.parts.clock.now()
    shelf = await book.shelf()
    listed = _pack(shelf, pack_id, book.shipped, now) if await book.text(pack_id, version) else None
    text = await book.text(pack_id, version)
    if listed is None or text is None:
        return None
    brief = next(one for one in listed.versions if one.version == version)
    head = load_pack(text, f"{pack_id}.toml")
    found = shelf.find(pack_id, version) or Revision(pack_id=pack_id, version=version, text=text)
    return VersionView(
        pack_id=pack_id,
        version=version,
        title=head.title,
        layer=head.layer.name.lower(),
        state=brief.state,
        since=brief.since,
        base=found.base,
        authors=found.authors,
        approved_by=found.approved_by,
        number=found.number,
        text=text,
        history=tuple(_step(entry) for entry in found.entries),
    )


def _step(entry: Entry) -> StepView:
    return StepView(
        at=entry.at,
        by=entry.by,
        step=str(entry.step.__struct_config__.tag),
        note=entry.step.note,
        clause=getattr(entry.step, "clause", ""),
    )
