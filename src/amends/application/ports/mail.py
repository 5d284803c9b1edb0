"""What a mail says, before it is put into its form."""

from datetime import datetime

import msgspec


class Link(msgspec.Struct, frozen=True):
    """Words that lead somewhere: an absolute https address, or http on this machine."""

    label: str
    url: str


class Attached(msgspec.Struct, frozen=True):
    """A file that goes with a mail: its name, media type and bytes."""

    name: str
    media_type: str
    data: bytes


class Mailing(msgspec.Struct, frozen=True, kw_only=True):
    """One mail to one address. ``message_id`` is stable: the same one again is the same mail.

    ``text`` is plain; blank lines part its paragraphs. ``link`` is the one thing to do. ``footer`` says
    why it came. ``unsubscribe`` takes one POST without a person (RFC 8058); empty where the mail cannot
    be declined. ``lang`` is BCP 47. What a person wrote (RFC 5322, 3.6.4) says where answers go in
    ``reply_to``, and what it answers in ``references``, oldest first; ``header_id`` is then its own
    Message-ID, both without brackets.
    """

    message_id: str
    to: str
    subject: str
    text: str
    at: datetime
    lang: str = "en"
    rtl: bool = False
    link: Link | None = None
    footer: str = ""
    preferences: Link | None = None
    unsubscribe: str = ""
    reply_to: str = ""
    header_id: str = ""
    references: tuple[str, ...] = ()
    attached: tuple[Attached, ...] = ()
