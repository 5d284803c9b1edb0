"""Files as evidence: what a case keeps of one, which kinds are taken, and how much of them.

A case never holds a file, only a reference with its SHA-256; the reference lies in the event, so the hash
chain covers the file too.
"""

import msgspec

PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/heic"})
VIDEOS = frozenset({"video/mp4", "video/quicktime", "video/webm", "video/x-matroska", "video/3gpp"})
DOCUMENTS = frozenset({"application/pdf"})
MEDIA_TYPES = PICTURES | VIDEOS | DOCUMENTS
"""What is taken, by content; nothing else is, whatever it is called."""


class FileRef(msgspec.Struct, frozen=True, omit_defaults=True):
    """A stored file as a case knows it.

    ``sha256`` is the hex digest of the original as it was sent, which stays sealed; ``size`` its bytes.
    ``width`` and ``height`` are pixels, ``seconds`` the length of a video; zero where there is none.
    """

    file_id: str
    sha256: str = ""
    media_type: str = ""
    size: int = 0
    width: int = 0
    height: int = 0
    seconds: float = 0.0


class Limits(msgspec.Struct, frozen=True):
    """How much is taken: ``files`` for each party of an order, ``size`` bytes, ``pixels`` and ``seconds``."""

    files: int = 30
    size: int = 50_000_000
    pixels: int = 64_000_000
    seconds: int = 90


def kind_of(media_type: str) -> str:
    """The kind of evidence a file is if nobody says otherwise: photo, video or document."""
    if media_type in PICTURES:
        return "photo"
    return "video" if media_type in VIDEOS else "document"


def media_type_of(head: bytes) -> str:
    """What a file is by its first 64 bytes, one of `MEDIA_TYPES`; empty for anything else.

    The signatures are those of https://mimesniff.spec.whatwg.org/ and ISO/IEC 14496-12 (``ftyp``).
    """
    for start, media_type in _STARTS:
        if head.startswith(start):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"webm" in head else "video/x-matroska"
    return _by_brand(head) if head[4:8] == b"ftyp" else ""


def _by_brand(head: bytes) -> str:
    """By the major brand; the one that only says "a picture" leaves it to the compatible ones
    (ISO/IEC 23008-12, 10)."""
    major = head[8:12]
    if major != b"mif1":
        return _BRANDS.get(major, "")
    end = min(int.from_bytes(head[:4]), len(head))
    said = {_BRANDS.get(head[at : at + 4], "") for at in range(16, end - 3, 4)}
    return next((one for one in ("image/avif", "image/heic") if one in said), "")


_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
_BRANDS = {
    b"avif": "image/avif",
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis"), "image/heic"),
    b"qt  ": "video/quicktime",
    **dict.fromkeys((b"3gp4", b"3gp5", b"3gp6", b"3g2a"), "video/3gpp"),
    **dict.fromkeys(
        (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash"),
        "video/mp4",
    ),
}
