"""Mail that comes to support: what it says, who it says it is from, and what it answers (RFC 5322, RFC 2045).

Nothing in a mail is believed: an address is where an answer goes, never who somebody is.
"""

import hmac
import re
from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256
from html.parser import HTMLParser

import msgspec

from amends.domain.refusals import Refused

MAIL_BYTES_MAX = 25 * 1024 * 1024
ATTACHMENTS_MAX = 10
TEXT_MAX = 20_000
_SUBJECT_MAX = 200
_HEADER_BYTES_MAX = 64 * 1024
# More parts within parts is no letter but an attempt.
_PARTS_MAX = 60
_PART = re.compile(rb"content-type:", re.IGNORECASE)
_REFERENCES_MAX = 50
_ID = re.compile(r"<([^<>\s]{1,250})>")
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+", re.ASCII
)
_PLUS = re.compile(r"\+([0-9a-f]{16})\.([0-9a-f]{20})@")
_ATTRIBUTION = re.compile(r"(?m)^[^\n>]{0,200}[:：]\s*\n(?:[ \t]*\n)*(?=>)")
_BLANKS = re.compile(r"\n{3,}")
_SILENT = frozenset({"script", "style", "head", "title"})
_BREAKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "blockquote"})


class Attachment(msgspec.Struct, frozen=True):
    """A file that came along."""

    name: str
    data: bytes


class Inbound(msgspec.Struct, frozen=True, kw_only=True):
    """A mail as it is understood. ``message_id`` and ``answers`` are without brackets.

    ``to`` are all addresses it went to. ``automatic``: a machine sent it (RFC 3834), so nobody answers.
    """

    message_id: str
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    answers: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    automatic: bool = False


def read_mail(raw: bytes) -> Inbound | Refused:
    """Take a mail apart; refused where it is too large, too nested, or from nobody."""
    if len(raw) > MAIL_BYTES_MAX:
        return _refused(f"A mail has at most {MAIL_BYTES_MAX} bytes.")
    head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
    if len(head) > _HEADER_BYTES_MAX:
        return _refused(f"The header of a mail has at most {_HEADER_BYTES_MAX} bytes.")
    if len(_PART.findall(raw)) > _PARTS_MAX:
        return _refused(f"A mail has at most {_PARTS_MAX} parts.")
    mail = message_from_bytes(raw, EmailMessage, policy=policy.SMTP)
    senders = _addresses(mail, "from")
    if len(senders) != 1:
        return _refused("The mail does not say in From who sent it: one address is wanted.")
    identities = _ID.findall(_header(mail, "message-id"))
    answers = _ID.findall(f"{_header(mail, 'references')} {_header(mail, 'in-reply-to')}")
    text, attachments = _content(mail)
    return Inbound(
        message_id=identities[0] if identities else f"{sha256(raw).hexdigest()[:40]}@unnamed.invalid",
        sender=senders[0],
        to=tuple(
            one for name in ("to", "cc", "delivered-to", "x-original-to") for one in _addresses(mail, name)
        ),
        subject=_line(_header(mail, "subject"))[:_SUBJECT_MAX],
        text=text,
        answers=tuple(dict.fromkeys(answers))[-_REFERENCES_MAX:],
        attachments=attachments,
        automatic=_automatic(mail),
    )


def is_address(text: str) -> bool:
    """Whether mail can go there: one plain address."""
    return _ADDRESS.fullmatch(text) is not None


def plus_address(address: str, conversation_id: str, secret: str) -> str:
    """The address whose mail belongs to a conversation, and to no other."""
    local, _, domain = address.partition("@")
    return f"{local}+{conversation_id}.{_signature(conversation_id, secret)}@{domain}"


def conversation_of(addresses: Sequence[str], secret: str) -> str:
    """The conversation that one of these addresses was made for; empty where none was."""
    for address in addresses:
        found = _PLUS.search(address.lower())
        if found and hmac.compare_digest(found[2], _signature(found[1], secret)):
            return found[1]
    return ""


def _signature(conversation_id: str, secret: str) -> str:
    return hmac.new(secret.encode(), f"support-mail:{conversation_id}".encode(), sha256).hexdigest()[:20]


def _refused(detail: str) -> Refused:
    return Refused(kind="invalid", detail=detail)


def _header(mail: EmailMessage, name: str) -> str:
    """All of a header's lines as plain text; what cannot be read is left out."""
    try:
        return " ".join(str(one) for one in mail.get_all(name, ()))
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):
        # Raised by the parser of headers itself for some that are malformed.
        return ""


def _addresses(mail: EmailMessage, name: str) -> list[str]:
    # By pattern: what is quoted, commented or encoded in a header is never taken for an address.
    written = re.sub(r'"(?:\\.|[^"\\])*"', "", _header(mail, name))
    inside = re.findall(r"<([^<>]*)>", written)
    found = inside or re.split(r"[,\s]+", written)
    return [one.lower() for one in found if _ADDRESS.fullmatch(one.strip())]


def _line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _automatic(mail: EmailMessage) -> bool:
    submitted = _header(mail, "auto-submitted").strip().lower()
    bulk = _header(mail, "precedence").strip().lower() in {"bulk", "junk", "list", "auto_reply"}
    return (submitted not in {"", "no"}) or bulk or _header(mail, "return-path").strip() == "<>"


def _content(mail: EmailMessage) -> tuple[str, tuple[Attachment, ...]]:
    plain: list[str] = []
    rich: list[str] = []
    attachments: list[Attachment] = []
    for part in mail.walk():
        if part.is_multipart():
            continue
        kind, name = part.get_content_type(), _name(part)
        if (
            kind in {"text/plain", "text/html"}
            and part.get_content_disposition() != "attachment"
            and not name
        ):
            (plain if kind == "text/plain" else rich).append(_decoded(part))
        elif len(attachments) < ATTACHMENTS_MAX:
            data = part.get_payload(decode=True)
            if isinstance(data, bytes) and data:
                attachments.append(Attachment(name or "file", data))
    text = "\n\n".join(plain) if any(one.strip() for one in plain) else "\n\n".join(map(plain_of, rich))
    return said_now(text)[:TEXT_MAX], tuple(attachments)


def _name(part: EmailMessage) -> str:
    try:
        return part.get_filename() or ""
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):
        return "file"


def _decoded(part: EmailMessage) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    try:
        return data.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def said_now(text: str) -> str:
    """What somebody wrote, without the mail they answer: quoted lines, and the line that introduces them."""
    text = "".join(
        sign
        for sign in text.replace("\r\n", "\n").replace("\r", "\n")
        if sign in {"\n", "\t"} or sign.isprintable()
    )
    own = _ATTRIBUTION.sub("", text + "\n")
    kept = "\n".join(line for line in own.split("\n") if not line.lstrip().startswith(">"))
    kept = _BLANKS.sub("\n\n", kept).strip()
    return kept or text.strip()


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._silent += tag in _SILENT
        if tag in _BREAKS:
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(re.sub(r"\s+", " ", data))


def plain_of(html: str) -> str:
    """The words of a page."""
    reader = _Plain()
    reader.feed(html)
    reader.close()
    return "\n".join(line.strip() for line in "".join(reader.said).split("\n"))
