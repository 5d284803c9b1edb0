"""Papers and films of the simulated marketplace, as small as they can be."""

import io

import av
import numpy as np
from PIL import Image

_FRAMES, _PER_SECOND = 16, 8
_LINE = 62
_FONTS = b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"


def film(scene: Image.Image) -> tuple[bytes, float, Image.Image]:
    """A film that moves slowly over a scene: H.264 in MP4, its seconds, its first picture."""
    out = io.BytesIO()
    width, height = 320, 240
    with av.open(out, "w", format="mp4") as reel:
        track = reel.add_stream("libx264", rate=_PER_SECOND)
        track.width, track.height, track.pix_fmt = width, height, "yuv420p"
        track.options = {"preset": "veryfast", "crf": "30", "threads": "1"}
        frames = [
            scene.crop((n * 4, n * 3, n * 4 + 560, n * 3 + 420)).resize((width, height))
            for n in range(_FRAMES)
        ]
        for frame in frames:
            reel.mux(track.encode(av.VideoFrame.from_ndarray(np.asarray(frame), "rgb24")))
        reel.mux(track.encode(None))
    return out.getvalue(), _FRAMES / _PER_SECOND, frames[0]


def paper(text: str) -> bytes:
    """A PDF of one page that says so (ISO 32000-1, 7.5)."""
    lines = [text[at : at + _LINE] for at in range(0, len(text), _LINE)] or [""]
    said = " ".join(f"({_plain(line)}) Tj 0 -22 Td" for line in lines)
    content = f"BT /F1 14 Tf 56 760 Td {said} ET".encode("ascii", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources %b >>" % _FONTS,
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
    ]
    body, offsets = b"%PDF-1.4\n", []
    for n, one in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (n, one)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % at for at in offsets)
    trailer = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + table + trailer


def _plain(line: str) -> str:
    return "".join(f"\\{sign}" if sign in "()\\" else sign for sign in line)
