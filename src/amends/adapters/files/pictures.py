"""Pictures, decoded and drawn anew: nothing of the original's bytes is in the copy, so neither is what hid
in them.

Runs in the child process of `examiner` only.
"""

from typing import IO

import numpy as np
from PIL import Image, ImageOps
from pillow_heif import register_heif_opener

from amends.application.ports.files import Examined, Unfit
from amends.domain.evidence import Limits

COPY_PIXELS, THUMB_PIXELS = 2048, 480
# What a check of legibility looks at: about what a screen shows.
_LOOK_PIXELS = 1024
# Measured on drawn labels: sharp ones lie above 300, ones blurred beyond reading below 60.
_BLURRED_BELOW = 60.0
_DARK_BELOW, _GLARE_ABOVE = 40.0, 245.0
_SMALL_BELOW = 300
# A picture with hardly any contrast has nothing that tells it from another.
_FLAT_BELOW = 6.0
_HASH_PIXELS, _HASH_WAVES = 32, 8
# The lowest waves of the cosine transform (DCT-II). A library for it would take longer to load than a photo
# takes to be drawn, and each file has a process of its own.
_WAVES = np.cos(np.pi / _HASH_PIXELS * np.outer(np.arange(_HASH_WAVES), np.arange(_HASH_PIXELS) + 0.5))
_FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/avif": "AVIF",
    "image/heic": "HEIF",
}
# Never the thumbnail that comes inside: it may show something else than the picture.
register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


def picture(
    source: IO[bytes], media_type: str, copy: IO[bytes], thumb: IO[bytes], limits: Limits
) -> Examined | Unfit:
    """Draw a picture anew; of an animated one its first frame. Raises what Pillow raises for broken ones."""
    Image.MAX_IMAGE_PIXELS = None  # asked below, with an answer people understand
    # Only the decoder of what the file says it is: the others stay shut.
    with Image.open(source, formats=[_FORMATS[media_type]]) as opened:
        width, height = opened.size
        if width * height > limits.pixels:
            return Unfit("pixels", limits.pixels)
        opened.draft("RGB", (COPY_PIXELS, COPY_PIXELS))
        opened.load()
        if opened.width * opened.height > limits.pixels:
            # The head of a HEIC may tell of fewer than come out of it.
            return Unfit("pixels", limits.pixels)
        turned = ImageOps.exif_transpose(_shrunk(opened, COPY_PIXELS))
    shown = _on_white(turned)
    save(shown, copy, thumb)
    return Examined(
        media_type=media_type,
        served_type="image/jpeg",
        width=width,
        height=height,
        seen=legibility(shown, min(width, height)),
        phash=perceptual_hash(shown),
        copied=True,
        pictured=True,
    )


def save(shown: Image.Image, copy: IO[bytes] | None, thumb: IO[bytes]) -> None:
    """Write a picture and its thumbnail as JPEG, without any metadata."""
    shown.info.clear()
    if copy is not None:
        shown.save(copy, "JPEG", quality=86, optimize=True)
    small = shown.copy()
    small.thumbnail((THUMB_PIXELS, THUMB_PIXELS))
    small.save(thumb, "JPEG", quality=78, optimize=True)


def perceptual_hash(shown: Image.Image) -> int | None:
    """The 64-bit perceptual hash (DCT, as pHash has it), None for a picture with too little in it."""
    grey = shown.convert("L")
    if np.asarray(grey.resize((_HASH_PIXELS, _HASH_PIXELS))).std() < _FLAT_BELOW:
        return None
    pixels = np.asarray(grey.resize((_HASH_PIXELS, _HASH_PIXELS), Image.Resampling.LANCZOS), dtype=np.float64)
    low = _WAVES @ pixels @ _WAVES.T
    return int.from_bytes(np.packbits(low > np.median(low)).tobytes())


def legibility(shown: Image.Image, shortest: int) -> str:
    """Empty, or what keeps people from reading what is on it: small, dark, glare or blurred.

    Blur is the variance of the Laplacian where there is most of it (Pech-Pacheco et al., 2000): a sharp label
    on a plain table is sharp enough.
    """
    if shortest < _SMALL_BELOW:
        return "small"
    grey = shown.convert("L")
    grey.thumbnail((_LOOK_PIXELS, _LOOK_PIXELS))
    seen = np.asarray(grey, dtype=np.float32)
    if float(np.percentile(seen, 90)) < _DARK_BELOW:
        return "dark"
    if float(np.percentile(seen, 10)) > _GLARE_ABOVE and float(seen.std()) < _FLAT_BELOW:
        return "glare"
    edges = seen[1:-1, :-2] + seen[1:-1, 2:] + seen[:-2, 1:-1] + seen[2:, 1:-1] - 4 * seen[1:-1, 1:-1]
    tiles = [
        float(tile.var()) for rows in np.array_split(edges, 4) for tile in np.array_split(rows, 4, axis=1)
    ]
    return "blurred" if max(tiles) < _BLURRED_BELOW else ""


def _shrunk(opened: Image.Image, most: int) -> Image.Image:
    """Small enough before anything else is done with it; palettes have to be unfolded for that."""
    exif = opened.getexif()
    if opened.mode == "P":
        small = opened.convert("RGBA" if "transparency" in opened.info else "RGB")
    elif opened.mode in {"I;16", "I", "F"}:
        small = opened.convert("L") if opened.mode == "L" else _eight_bits(opened)
    else:
        small = opened.copy()
    small.thumbnail((most, most), Image.Resampling.LANCZOS, reducing_gap=2.0)
    # The orientation is read from here.
    small.info = {"exif": exif.tobytes()} if exif else {}
    return small


def _eight_bits(opened: Image.Image) -> Image.Image:
    values = np.asarray(opened, dtype=np.float32)
    high = float(values.max()) or 1.0
    return Image.fromarray((values * (255.0 / max(high, 255.0))).clip(0, 255).astype(np.uint8))


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in {"RGBA", "LA", "PA"}:
        paper = Image.new("RGB", image.size, "white")
        rgba = image.convert("RGBA")
        paper.paste(rgba, mask=rgba.getchannel("A"))
        return paper
    return image if image.mode == "RGB" else image.convert("RGB")
