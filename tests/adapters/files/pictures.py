"""Pictures, films and papers drawn for tests; nothing comes from a real person's device."""

import io
import struct
import zlib
from fractions import Fraction

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, PngImagePlugin
from pillow_heif import from_pillow

LATITUDE = (52.0, 31.0, 12.0)
MAKER = "Sample Phone Works"
SCRIPT = "<script>alert(1)</script>"


def scene(width: int = 640, height: int = 480, seed: int = 1) -> Image.Image:
    """Something to look at that is like nothing else with another seed."""
    random = np.random.default_rng(seed)
    rough = Image.fromarray(random.integers(0, 255, (6, 8, 3), dtype=np.uint8))
    picture = rough.resize((width, height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    for _ in range(6):
        x, y = (int(random.integers(0, max(1, size - 40))) for size in (width, height))
        draw.rectangle((x, y, x + width // 8, y + height // 8), outline="black", width=3)
    return picture


def label(blur: float = 0) -> Image.Image:
    """A parcel's label on a table, sharp or not."""
    picture = Image.new("RGB", (1600, 1200), (200, 190, 170))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((300, 300, 1300, 900), fill="white")
    for n in range(12):
        text = f"SWIFT POST RR12345678{n}PT  Nora Lindqvist 10115 Berlin"
        draw.text((340, 330 + 45 * n), text, fill="black", font=ImageFont.load_default(28))
    return picture.filter(ImageFilter.GaussianBlur(blur)) if blur else picture


def exif(orientation: int = 1) -> bytes:
    """What a phone writes: its maker, a script for a title, which side is up, and where it was."""
    data = Image.Exif()
    data[0x010E], data[0x010F], data[0x0112] = SCRIPT, MAKER, orientation
    data[0x8825] = {1: "N", 2: LATITUDE, 3: "E", 4: (13.0, 24.0, 18.0)}
    return data.tobytes()


def encoded(picture: Image.Image, form: str = "JPEG", **how: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **how)  # type: ignore[arg-type]  # what each writer takes
    return out.getvalue()


def phone_photo(seed: int = 1, orientation: int = 1) -> bytes:
    return encoded(scene(seed=seed), exif=exif(orientation), quality=90, comment=SCRIPT.encode())


def heic(picture: Image.Image, **how: object) -> bytes:
    """A picture as newer phones take it."""
    out = io.BytesIO()
    from_pillow(picture).save(out, quality=70, **how)
    return out.getvalue()


def told_png(picture: Image.Image) -> bytes:
    """A PNG with everything that can be told in one."""
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", SCRIPT)
    told.add_itxt(
        "XML:com.adobe.xmp", f"<x:xmpmeta><exif:GPSLatitude>52,31.2N{SCRIPT}</exif:GPSLatitude></x:xmpmeta>"
    )
    return encoded(picture, "PNG", pnginfo=told, exif=exif())


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, rows: bytes = b"", bits: int = 8, colour: int = 2) -> bytes:
    """A PNG that says it is so large; ``rows`` are compressed as they are."""
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    packed = zlib.compress(rows, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def flood(side: int = 20_000) -> bytes:
    """One bit a pixel, all the same: 400 megapixels in about 48 KB."""
    row = b"\0" + b"\0" * (side // 8)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def film(
    seconds: float = 1.0,
    form: str = "mp4",
    codec: str = "libx264",
    size: tuple[int, int] = (320, 240),
    sound: bool = False,
) -> bytes:
    """A film of a moving square, with where it was taken in its head."""
    out = io.BytesIO()
    with av.open(out, "w", format=form) as reel:
        reel.metadata["location"] = "+52.5200+013.4050/"
        reel.metadata["comment"] = SCRIPT
        track = reel.add_stream(codec, rate=12)
        track.width, track.height = size
        track.pix_fmt = "yuv420p"
        voice = reel.add_stream("aac", rate=44100, layout="stereo") if sound else None
        ground = scene(*size, seed=3)
        for n in range(max(1, round(seconds * 12))):
            picture = ground.copy()
            ImageDraw.Draw(picture).rectangle((n % 200, 40, n % 200 + 60, 100), fill="red")
            reel.mux(track.encode(av.VideoFrame.from_image(picture)))
        reel.mux(track.encode(None))
        if voice is not None:
            for n in range(round(seconds * 43)):
                tone = np.sin(np.arange(n * 1024, (n + 1) * 1024) / 20).astype(np.float32)
                frame = av.AudioFrame.from_ndarray(np.stack([tone, tone]), "fltp", "stereo")
                frame.rate, frame.time_base, frame.pts = 44100, Fraction(1, 44100), n * 1024
                reel.mux(voice.encode(frame))
            reel.mux(voice.encode(None))
    return out.getvalue()


def pdf(extra: bytes = b"") -> bytes:
    """A paper with one empty page."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R " + extra + b" >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
    ]
    body, offsets = b"%PDF-1.4\n", []
    for n, text in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (n, text)
    table = b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in offsets)
    return body + table + b"trailer << /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)
