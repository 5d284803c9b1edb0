"""Square codes (QR) as SVG."""

from io import BytesIO

import segno


def square(text: str, *, border: int = 2) -> bytes:
    """A QR code of medium error correction, black on white; ``border`` is its quiet zone in modules."""
    out = BytesIO()
    made = segno.make(text, error="m", micro=False)
    made.save(out, kind="svg", scale=4, border=border, light="#fff")
    return out.getvalue()
