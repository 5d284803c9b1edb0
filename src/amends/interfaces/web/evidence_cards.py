"""Files and the evidence meter in the reader's words."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from amends.application.evidence import SERVED, THUMB
from amends.application.ports.files import StoredFile, Unfit
from amends.domain.burden import Need
from amends.domain.cases.model import Case
from amends.domain.evidence import MEDIA_TYPES, Limits, kind_of
from amends.domain.parties import Role
from amends.interfaces.web import vocabulary
from amends.interfaces.web.evidence_links import link
from amends.interfaces.web.visits import STAFF, Visit
from amends.interfaces.web.words import N_

#: What a file chooser offers; systems that do not know a phone's format by its type know its ending.
ACCEPT = ",".join([*sorted(MEDIA_TYPES), ".heic", ".heif"])

_ADVICE = {
    "blurred": N_("The picture is blurred: what is written on it may not be readable. "
                  "Hold the phone still, tap on the label to focus, and take it again."),
    "dark": N_("The picture is very dark. Take it again with more light."),
    "glare": N_("Nothing but light can be seen. Turn the lamp or the phone away and take it again."),
    "small": N_("The picture is very small: what is written on it may not be readable."),
}  # fmt: skip
_UNFIT = {
    "type": N_(
        "“%(name)s” is no picture, film or PDF we know. Send JPEG, HEIC, PNG, WebP, GIF, AVIF, MP4, WebM "
        "or PDF."
    ),
    "size": N_("“%(name)s” is too large. Send at most %(most)s MB."),
    "pixels": N_("“%(name)s” has too many pixels. Send at most %(most)s megapixels."),
    "seconds": N_("“%(name)s” is too long. Send at most %(most)s seconds."),
    "count": N_("“%(name)s” is one file too many: you can send %(most)s for an order."),
    "empty": N_("“%(name)s” is empty. Choose it again."),
    "broken": N_("“%(name)s” is damaged or not whole. Open it on your device to see, and send it again."),
    "active": N_("“%(name)s” contains a program. Print it to a new PDF, or send a picture of it."),
    "slow": N_("“%(name)s” takes too long to read. Send a smaller one."),
}
_UNITS = {"size": 1_000_000, "pixels": 1_000_000}
_STEPS = {
    "offer": N_("with an offer"),
    "request": N_("asked for by the mediator"),
    "appeal": N_("with the appeal"),
    "return": N_("with the return parcel"),
    "inspection": N_("at the inspection"),
    "contest": N_("against the rejection"),
}
_ABOUT = {
    "reason": N_("To prove the reason"),
    "request": N_("Asked for by the mediator"),
    "return": N_("Proof of return"),
    "rejection": N_("To prove the rejection"),
}


class FileCard(msgspec.Struct, frozen=True, kw_only=True):
    """A file as a page shows it. ``kind`` is photo, video or document; ``thumb`` is empty for a document.

    ``advice`` is what could be better; ``alike`` are pictures of other orders that look the same, for staff:
    (case or order, address).
    """

    file_id: str
    kind: str
    name: str
    view: str
    thumb: str
    facts: str
    advice: str = ""
    alike: tuple[tuple[str, str], ...] = ()


class Meter(msgspec.Struct, frozen=True, kw_only=True):
    """One point of the evidence meter. ``kinds`` are (title, whether it is there)."""

    title: str
    who: str
    mine: bool
    met: bool
    kinds: tuple[tuple[str, bool], ...]
    items: tuple[str, ...]
    stand: str
    until: datetime | None
    by: str


def file_card(visit: Visit, file: StoredFile, alike: Sequence[StoredFile] = ()) -> FileCard:
    """A file for the reader; links are signed for them alone."""
    wall = datetime.now(UTC)  # the life of a link has nothing to do with a clock that people may move
    secret, actor = visit.parts.secret, visit.actor
    # The advice is for whoever can do better, and for those who weigh it.
    advised = actor == file.by or visit.role in STAFF
    return FileCard(
        file_id=file.file_id,
        kind=kind_of(file.media_type),
        name=file.name,
        view=link(file.file_id, SERVED, actor, secret, wall),
        thumb=link(file.file_id, THUMB, actor, secret, wall) if file.pictured else "",
        facts=_facts(visit, file),
        advice=visit.words.say(_ADVICE[file.seen]) if advised and file.seen in _ADVICE else "",
        alike=tuple((one.order_id, f"/orders/{one.order_id}") for one in alike)
        if visit.role in STAFF
        else (),
    )


async def shown_files(visit: Visit, case: Case) -> dict[str, FileCard]:
    """The files of a case's evidence by id; staff also see which pictures look like those of other orders."""
    room = visit.parts.evidence
    found = await room.of(case.evidence)
    alike = {}
    if visit.role in STAFF:
        alike = {file_id: await room.alike(file) for file_id, file in found.items()}
    return {file_id: file_card(visit, file, alike.get(file_id, ())) for file_id, file in found.items()}


def _facts(visit: Visit, file: StoredFile) -> str:
    words = visit.words
    megabytes = words.number(max(Decimal("0.1"), round(Decimal(file.size) / 1_000_000, 1)))
    said = [words.say(N_("%(number)s MB"), number=megabytes)]
    if file.seconds:
        said.insert(0, words.say(N_("%(number)s s"), number=words.number(round(file.seconds))))
    elif file.width:
        said.insert(0, f"{words.number(file.width)} × {words.number(file.height)}")
    return " · ".join(said)


def unfit(visit: Visit, name: str, why: Unfit) -> str:
    """Why a file was not taken, and what to do."""
    most = visit.words.number(why.most // _UNITS.get(why.why, 1))
    return visit.words.say(_UNFIT[why.why], name=name, most=most)


def hint(visit: Visit, limits: Limits) -> str:
    """What may be sent."""
    number = visit.words.number
    return visit.words.say(
        N_(
            "Photos, screenshots, PDF, films of up to %(seconds)s seconds. At most %(files)s files of "
            "%(size)s MB."
        ),
        seconds=number(limits.seconds),
        files=number(limits.files),
        size=number(limits.size // 1_000_000),
    )


def step_title(visit: Visit, step: str) -> str:
    """What a piece of evidence came with; empty for the claim and what was added of one's own accord."""
    return visit.words.say(_STEPS[step]) if step in _STEPS else ""


def meters(visit: Visit, needs: Sequence[Need]) -> tuple[Meter, ...]:
    """The evidence meter in words."""
    return tuple(_meter(visit, need) for need in needs)


def _meter(visit: Visit, need: Need) -> Meter:
    words, mine = visit.words, need.who is visit.role
    who = words.say(N_("You have to show it") if mine else _WHO[need.who])
    stand = N_("It is there.") if need.met else N_("It is still missing.")
    if need.about == "request":
        stand = N_("Answered.") if need.met else N_("No answer yet.")
    return Meter(
        title=words.say(_ABOUT[need.about]),
        who=who,
        mine=mine,
        met=need.met,
        kinds=tuple((words.say(vocabulary.EVIDENCE_KINDS[kind]), kind in need.have) for kind in need.kinds),
        items=need.items,
        stand=words.say(stand),
        until=None if need.met else need.until,
        by=words.say(N_("until %(when)s"), when=words.moment(need.until))
        if need.until and not need.met
        else "",
    )


_WHO: Mapping[Role, str] = {
    Role.BUYER: N_("The buyer has to show it"),
    Role.SELLER: N_("The seller has to show it"),
}
