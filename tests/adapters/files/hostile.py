"""More than two hundred files that somebody might send to do harm, made here: name to bytes."""

import gzip
import io
import struct
import zipfile
import zlib
from functools import cache

from PIL import Image
from tests.adapters.files.pictures import (
    SCRIPT,
    chunk,
    encoded,
    exif,
    film,
    flood,
    heic,
    pdf,
    phone_photo,
    png,
    scene,
    told_png,
)

HTML = f"<!doctype html><html><body>{SCRIPT}</body></html>".encode()
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">{SCRIPT}</svg>'.encode()
_HEADS = {
    "jpg": b"\xff\xd8\xff\xe0",
    "png": b"\x89PNG\r\n\x1a\n",
    "gif": b"GIF89a",
    "webp": b"RIFF\x00\x10\x00\x00WEBPVP8 ",
    "avif": b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00",
    "heic": b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic",
    "mp4": b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41",
    "mov": b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ",
    "webm": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01webm",
    "mkv": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01matroska",
    "3gp": b"\x00\x00\x00\x14ftyp3gp5\x00\x00\x00\x00",
    "pdf": b"%PDF-1.7\n",
}
_PROGRAMS = {
    "html": HTML,
    "svg": SVG,
    "svg-gz": gzip.compress(SVG),
    "xml": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    "js": b"alert(document.domain)",
    "php": b"<?php system($_GET['c']); ?>",
    "elf": b"\x7fELF\x02\x01\x01" + b"\0" * 400,
    "exe": b"MZ" + b"\0" * 400,
    "sh": b"#!/bin/sh\nrm -rf /\n",
    "swf": b"CWS\x0f" + b"\0" * 100,
    "xhtml": b'<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>',
    "css": b"body{background:url(javascript:alert(1))}",
    "hls": b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "concat": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 4444 RTP/AVP 96\n",
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n(/etc/passwd) (r) file\n",
    "mvg": b"push graphic-context\nimage over 0,0 0,0 'label:@/etc/passwd'\npop graphic-context\n",
    "tiff": b"II*\x00\x08\x00\x00\x00\x00\x00",
    "bmp": b"BM" + b"\0" * 60,
    "ico": b"\x00\x00\x01\x00\x01\x00" + b"\xff" * 40,
    "psd": b"8BPS\x00\x01" + b"\0" * 60,
    "text": b"just words",
    "nulls": b"\0" * 4096,
    "ones": b"\xff" * 4096,
}


@cache
def corpus() -> dict[str, bytes]:
    """All of them."""
    found = dict(_PROGRAMS)
    found |= {
        f"{kind}-with-head-of-{head}": start + body
        for head, start in _HEADS.items()
        for kind, body in _disguised()
    }
    found |= _truncated() | _bombs() | _polyglots() | _torn() | _films() | _papers() | _heics()
    return found


def _disguised() -> list[tuple[str, bytes]]:
    return [
        ("html", HTML),
        ("svg", SVG),
        ("nothing", b""),
        ("nulls", b"\0" * 5000),
        ("noise", bytes(range(256)) * 8),
    ]


def _truncated() -> dict[str, bytes]:
    whole = {
        "jpg": phone_photo(),
        "png": encoded(scene(), "PNG"),
        "gif": encoded(scene(), "GIF"),
        "webp": encoded(scene(), "WEBP"),
        "avif": encoded(scene(160, 120), "AVIF"),
        "heic": heic(scene(160, 120)),
        "mp4": film(0.5),
        "webm": film(0.5, "webm", "libvpx"),
        "pdf": pdf(),
    }
    cuts = (0.02, 0.1, 0.3, 0.6, 0.9)
    return {f"{name}-cut-{cut}": data[: int(len(data) * cut)] for name, data in whole.items() for cut in cuts}


def _bombs() -> dict[str, bytes]:
    animated = [scene(200, 150, seed=n) for n in range(30)]
    many = io.BytesIO()
    # Choosing a palette for each of three hundred frames would take as long as all the tests of files.
    plain = [frame.convert("P") for frame in animated]
    plain[0].save(many, "GIF", save_all=True, append_images=plain[1:] * 10, duration=1, loop=0)
    moving = io.BytesIO()
    animated[0].save(moving, "WEBP", save_all=True, append_images=animated[1:], duration=1)
    frames = io.BytesIO()
    animated[0].save(frames, "PNG", save_all=True, append_images=animated[1:])
    return {
        "flood-400-megapixels": flood(),
        "flood-said-only": png(60_000, 60_000),
        "flood-of-width": png(2_000_000_000, 1),
        "flood-of-height": png(1, 2_000_000_000),
        "flood-largest": png(2**31 - 1, 2**31 - 1),
        "png-of-nothing": png(0, 0),
        "png-rows-missing": png(4000, 4000, b"\0" * 100),
        "png-rows-too-many": png(10, 10, b"\0" * 50_000_000),
        "png-16-bit": png(50, 50, (b"\0" + b"\1" * 300) * 50, bits=16),
        "png-strange-bits": png(50, 50, b"\0" * 5000, bits=7),
        "png-strange-colour": png(50, 50, b"\0" * 5000, colour=5),
        "text-bomb": _text_bomb(),
        "profile-bomb": _profile_bomb(),
        "gif-of-300": many.getvalue(),
        "gif-of-width": b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\x80\0\0" + b"\0" * 6 + b";",
        "webp-of-30": moving.getvalue(),
        "png-of-30": frames.getvalue(),
        "zip": _zip(),
        "gzip": gzip.compress(b"\0" * 10_000_000),
        "jpg-of-width": _jpeg_of(65500, 65500),
        "jpg-many-tables": b"\xff\xd8\xff\xdb"
        + (b"\x00\x43\x00" + b"\1" * 64 + b"\xff\xdb") * 3000
        + b"\xff\xd9",
        "jpg-long-comment": b"\xff\xd8\xff\xfe\xff\xff" + b"A" * 70_000,
        "jpg-exif-loop": _exif_loop(),
    }


def _text_bomb() -> bytes:
    body = b"Comment\0\0" + zlib.compress(b"A" * 80_000_000, 9)
    return encoded(scene(80, 60), "PNG").replace(b"\0\0\0\0IEND", chunk(b"zTXt", body) + b"\0\0\0\0IEND")


def _profile_bomb() -> bytes:
    body = b"icc\0\0" + zlib.compress(b"A" * 80_000_000, 9)
    whole = encoded(scene(80, 60), "PNG")
    return whole[:33] + chunk(b"iCCP", body) + whole[33:]


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("picture.jpg", b"\0" * 20_000_000)
    return out.getvalue()


def _jpeg_of(width: int, height: int) -> bytes:
    whole = bytearray(encoded(scene(64, 64)))
    at = whole.index(b"\xff\xc0")
    whole[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(whole)


def _exif_loop() -> bytes:
    body = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0"
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(body) + 2) + body + encoded(scene(64, 64))[2:]


def _polyglots() -> dict[str, bytes]:
    pictures = {
        "jpg": phone_photo(),
        "png": told_png(scene(200, 150)),
        "gif": encoded(scene(200, 150), "GIF", comment=SCRIPT.encode()),
        "webp": encoded(scene(200, 150), "WEBP", exif=exif()),
    }
    tails = {
        "html": HTML,
        "svg": SVG,
        "js": b"*/=1;alert(1)//",
        "zip": _zip()[-2000:],
        "php": _PROGRAMS["php"],
        "pdf": pdf(),
        "elf": _PROGRAMS["elf"],
    }
    found = {
        f"{name}-and-{tail}": data + more for name, data in pictures.items() for tail, more in tails.items()
    }
    found["gif-is-js"] = b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)//"
    found["html-before-jpg"] = HTML + pictures["jpg"]
    found["html-before-png"] = HTML + pictures["png"]
    found["html-before-pdf"] = HTML + pdf()
    found["blank-before-pdf"] = b"\n" * 100 + pdf()
    return found


def _torn() -> dict[str, bytes]:
    """Bits turned over in the middle of good pictures."""
    found = {}
    for form in ("JPEG", "PNG", "WEBP", "GIF"):
        whole = encoded(scene(120, 90), form)
        for n in range(8):
            torn = bytearray(whole)
            for at in range(20 + n * 7, len(torn), 97 + n * 13):
                torn[at] ^= 1 << (n % 8)
            found[f"{form.lower()}-torn-{n}"] = bytes(torn)
    for mode in ("CMYK", "I;16", "LA", "P", "1"):
        form = "JPEG" if mode == "CMYK" else "PNG"
        found[f"strange-{mode}"] = encoded(Image.new(mode, (90, 70)), form)
    return found


def _heics() -> dict[str, bytes]:
    """What the head of one tells is not what is in it, or what is in it has no end."""
    whole = heic(scene(320, 240), exif=exif())
    sizes = {"wide": (60_000, 60_000), "small": (2, 2), "none": (0, 0), "largest": (2**32 - 1, 2**32 - 1)}
    found = {f"heic-said-{name}": said_heic(whole, *size) for name, size in sizes.items()}
    for n in range(6):
        torn = bytearray(whole)
        for at in range(24 + n * 5, len(torn), 61 + n * 17):
            torn[at] ^= 1 << n
        found[f"heic-torn-{n}"] = bytes(torn)
    return found | {
        "heic-and-html": whole + HTML,
        "heic-many-items": whole.replace(b"\0\0iinf", b"\xff\xffiinf"),
        "heic-items-65535": _counted(whole, b"iinf", b"\xff\xff"),
        "heic-places-65535": _counted(whole, b"iloc", b"\x44\x40\xff\xff"),
        "heic-long-box": whole[:28] + b"\0\0\0\1meta" + b"\xff" * 8 + whole[36:],
        "heic-box-in-box": _HEADS["heic"]
        + b"".join(struct.pack(">I", 5000 - n * 8) + b"meta" for n in range(600)),
        "heic-of-noise": _HEADS["heic"] + b"\0\0\x10\0mdat" + bytes(range(256)) * 16,
    }


def said_heic(whole: bytes, width: int, height: int) -> bytes:
    """The same with another size in its head."""
    at = whole.index(b"ispe") + 8
    return whole[:at] + struct.pack(">II", width, height) + whole[at + 8 :]


def _counted(whole: bytes, box: bytes, count: bytes) -> bytes:
    at = whole.index(box) + 8
    return whole[:at] + count + whole[at + len(count) :]


def _films() -> dict[str, bytes]:
    whole = film(0.5)
    lying = whole.replace(b"mvhd", b"mvhx")
    reference = whole.replace(b"url \0\0\0\x01", b"url \0\0\0\0")
    return {
        "film-and-html": whole + HTML,
        "film-without-head": lying,
        "film-with-reference": reference,
        "film-of-noise": _HEADS["mp4"] + b"\0\0\x10\0mdat" + bytes(range(256)) * 16,
        "film-long-box": _HEADS["mp4"] + b"\0\0\0\1moov" + b"\xff" * 8,
        "film-box-in-box": _HEADS["mp4"]
        + b"".join(struct.pack(">I", 5000 - n * 8) + b"moov" for n in range(600)),
        "film-too-long": film(95, size=(32, 32)),
        "film-is-mp3": b"\x00\x00\x00\x18ftypisom" + b"ID3" + b"\0" * 500,
    }


def _papers() -> dict[str, bytes]:
    return {
        "pdf-script": pdf(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"),
        "pdf-launch": pdf(b"/OpenAction << /S /Launch /F (cmd.exe) >>"),
        "pdf-and-html": pdf() + HTML + b"\n%%EOF",
        "pdf-without-end": pdf()[:-6],
        "pdf-only-end": b"%PDF-1.4\n%%EOF",
    }
