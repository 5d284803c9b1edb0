"""Files for the evidence of the simulated marketplace, drawn with a few shapes: the same every time."""

import io
import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from random import Random

import msgspec
from msgspec.structs import replace
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from amends.application.ports.files import StoredFile
from amends.application.replay import Happening
from amends.domain.cases.commands import (
    AddEvidence,
    Appeal,
    ContestRejection,
    InspectReturn,
    MakeOffer,
    OpenClaim,
    ShipReturn,
    SubmitEvidence,
)
from amends.domain.cases.model import EvidenceItem
from amends.domain.orders import Order
from amends.domain.parties import Actor
from amends.simulation.papers import film, paper

_WIDTH, _HEIGHT, _THUMB = 640, 480, (320, 240)
_DAMAGE = re.compile(r"crack|chip|dent|burst|gap|blister|broken|torn|scratch|hole", re.IGNORECASE)
_PAPER = re.compile(r"label|receipt|counter|confirmation|invoice|slip|leaflet|page", re.IGNORECASE)
_POSTED = re.compile(r"label of|receipt|counter", re.IGNORECASE)
_PARCEL = re.compile(r"box|parcel|wrapping|packag", re.IGNORECASE)
_BLURRED = re.compile(r"blurred|shaky", re.IGNORECASE)
_GROUNDS = ("#cfc4b0", "#b8c4c8", "#d8cfc4", "#c4cdbb", "#a9a296", "#8f9aa6")
_COLOURS = ("#b5563c", "#3f6f8f", "#6c7f4e", "#8a5a83", "#c08a3e", "#4d5566")
_IN_ITEMS = (AddEvidence, SubmitEvidence)
_IN_EVIDENCE = (OpenClaim, Appeal, ContestRejection, MakeOffer, ShipReturn, InspectReturn)
_ENDINGS = {"image/jpeg": "jpg", "video/mp4": "mp4", "application/pdf": "pdf"}


class Drawn(msgspec.Struct, frozen=True):
    """A file with its record; ``thumb`` is a JPEG, empty where there is none."""

    file: StoredFile
    picture: bytes
    thumb: bytes


def illustrated(order: Order, happenings: Sequence[Happening]) -> tuple[list[Happening], list[Drawn]]:
    """The happenings of an order with a file to each piece of evidence that is one, and the files."""
    drawn: list[Drawn] = []
    told = [_illustrated(order, one, drawn) for one in happenings]
    return told, drawn


def pictured(order_id: str, by: Actor, at: datetime, note: str, category: str = "") -> Drawn:
    """A photo that somebody takes of what the note speaks of."""
    return _drawn(order_id, by, at, "photo", note, category)


def _illustrated(order: Order, one: Happening, drawn: list[Drawn]) -> Happening:
    envelope = one.told
    if envelope is None or not isinstance(envelope.command, _IN_ITEMS + _IN_EVIDENCE):
        return one
    field = "items" if isinstance(envelope.command, _IN_ITEMS) else "evidence"
    items: tuple[EvidenceItem, ...] = getattr(envelope.command, field)
    shown = []
    for item in items:
        if item.kind == "statement" or item.file is not None:
            shown.append(item)
            continue
        made = _drawn(order.order_id, envelope.actor, one.at, item.kind, item.note, order.lines[0].category)
        drawn.append(made)
        shown.append(replace(item, file=made.file.ref))
    command = replace(envelope.command, **{field: tuple(shown)})
    return replace(one, told=replace(envelope, command=command))


def _drawn(order_id: str, by: Actor, at: datetime, kind: str, note: str, category: str) -> Drawn:
    width, height, seconds, thumb = _WIDTH, _HEIGHT, 0.0, b""
    match kind:
        case "document":
            media_type, data, width, height = "application/pdf", paper(note), 0, 0
        case "video":
            media_type, (data, seconds, poster) = "video/mp4", film(_image(note, category))
            thumb = _jpeg(poster.resize(_THUMB), 76)
        case _:
            media_type, (data, thumb) = "image/jpeg", draw(note, category)
    digest = sha256(data).hexdigest()
    name = "-".join(re.findall(r"[a-z0-9]+", note.lower())[:5]) or "photo"
    file = StoredFile(
        file_id=sha256(f"{order_id}/{by.role}/{note}/{at.isoformat()}".encode()).hexdigest()[:32],
        order_id=order_id,
        by=by,
        name=f"{name}.{_ENDINGS[media_type]}",
        media_type=media_type,
        served_type=media_type,
        size=len(data),
        sha256=digest,
        at=at,
        width=width,
        height=height,
        seconds=seconds,
    )
    return Drawn(file, data, thumb)


def draw(note: str, category: str) -> tuple[bytes, bytes]:
    """A picture of what the note speaks of, and its thumbnail: the same note is the same picture."""
    image = _image(note, category)
    return _jpeg(image, 80), _jpeg(image.resize(_THUMB), 76)


def _image(note: str, category: str) -> Image.Image:
    random = Random(f"picture/{note}")  # noqa: S311  a play's dice, not a secret
    ground = random.choice(_GROUNDS)
    image = Image.new("RGB", (_WIDTH, _HEIGHT), ground)
    pen = ImageDraw.Draw(image)
    _room(pen, random)
    colour = random.choice(_COLOURS)
    if _PAPER.search(note):
        _paper(pen, note)
    elif _PARCEL.search(note):
        _parcel(pen)
    elif "lamp" in category:
        _lamp(pen, colour)
    else:
        _thing(pen, colour, random)
    if _DAMAGE.search(note):
        _crack(pen, random)
    # Nobody holds a phone quite straight.
    image = image.rotate(random.uniform(-7, 7), Image.Resampling.BICUBIC, fillcolor=ground)
    zoom = random.randrange(0, 90)
    image = image.crop((zoom, zoom * 3 // 4, _WIDTH - zoom // 2, _HEIGHT - zoom * 3 // 8)).resize(
        (_WIDTH, _HEIGHT)
    )
    return image.filter(ImageFilter.GaussianBlur(6)) if _BLURRED.search(note) else image


def _room(pen: ImageDraw.ImageDraw, random: Random) -> None:
    """A table, and what else lies about: no two rooms are alike."""
    edge = random.randrange(250, 380)
    pen.rectangle(
        (0, edge, _WIDTH, _HEIGHT), fill=random.choice(("#8d7b68", "#6d5f50", "#a48d72", "#59524c"))
    )
    for y in range(edge + 6, _HEIGHT, 9):
        pen.line([(0, y), (_WIDTH, y + random.randrange(-4, 5))], fill="#3a3029", width=1)
    for _ in range(random.randrange(3, 7)):
        x, y = random.randrange(-40, _WIDTH), random.randrange(-40, _HEIGHT)
        wide, high = random.randrange(40, 200), random.randrange(30, 160)
        shade = random.choice(("#3e4550", "#e7e0d2", "#7c8a6c", "#94604a", "#2d3540", "#c9b98f"))
        pen.rectangle((x, y, x + wide, y + high), fill=shade)


def _lamp(pen: ImageDraw.ImageDraw, colour: str) -> None:
    pen.polygon([(250, 90), (390, 90), (450, 230), (190, 230)], fill=colour)
    pen.rectangle((308, 230, 332, 350), fill="#5a4a3a")
    pen.ellipse((230, 330, 410, 400), fill="#5a4a3a")


def _parcel(pen: ImageDraw.ImageDraw) -> None:
    pen.polygon([(150, 180), (430, 150), (510, 210), (220, 250)], fill="#c9a26b")
    pen.polygon([(150, 180), (220, 250), (220, 420), (150, 340)], fill="#9c7744")
    pen.polygon([(220, 250), (510, 210), (510, 370), (220, 420)], fill="#b58a54")
    pen.line([(290, 165), (365, 230), (365, 396)], fill="#e5d3a8", width=14)


def _paper(pen: ImageDraw.ImageDraw, note: str) -> None:
    pen.polygon([(160, 70), (480, 70), (500, 430), (140, 430)], fill="#fdfcf7")
    pen.text((185, 100), note[:28], fill="#222222", font=ImageFont.load_default(20))
    if not _POSTED.search(note):
        for n in range(9):
            pen.rectangle((185, 150 + n * 27, 300 + n * 53 % 160, 158 + n * 27), fill="#8a8a86")
        return
    for n, line in enumerate(("SWIFT POST", "Parcel 1 of 1", "Accepted at the counter", "Thank you"), 1):
        pen.text((185, 100 + n * 52), line, fill="#222222", font=ImageFont.load_default(20))
    for n in range(28):
        pen.rectangle((190 + n * 9, 360, 193 + n * 9 + n % 3, 410), fill="#222222")


def _thing(pen: ImageDraw.ImageDraw, colour: str, random: Random) -> None:
    pen.rounded_rectangle((190, 120, 450, 390), radius=random.randrange(20, 110), fill=colour)
    pen.rounded_rectangle((220, 150, 420, 220), radius=20, fill="#ffffff")


def _crack(pen: ImageDraw.ImageDraw, random: Random) -> None:
    x, y = random.randrange(270, 340), 120
    points = [(x, y)]
    while y < 215:
        x, y = x + random.randrange(-26, 34), y + random.randrange(14, 34)
        points.append((x, y))
    pen.line(points, fill="#1d1613", width=5, joint="curve")
    pen.line([points[2], (points[2][0] + 44, points[2][1] + 26)], fill="#1d1613", width=3)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()
