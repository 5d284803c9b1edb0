"""Mail messages, text and HTML in one: no text can become a header, a tag or another recipient."""

from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256

from amends.adapters.mail.paper import html_of, text_of
from amends.application.ports.mail import Mailing


def message(sender: str, mailing: Mailing) -> EmailMessage:
    """A message from one address to one address. Its Message-ID follows from the mailing's id alone.

    Raises `ValueError` for what is no single ASCII address, and for line breaks in what becomes a header.
    """
    sender_address, to_address = _address(sender), _address(mailing.to)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender_address
    mail["To"] = to_address
    mail["Subject"] = mailing.subject
    mail["Date"] = mailing.at
    if mailing.header_id:
        mail["Message-ID"] = f"<{_msg_id(mailing.header_id)}>"
    else:
        mail["Message-ID"] = f"<{name_of(mailing.message_id)}@{sender_address.domain}>"
        # Answers of machines (absence notes) to machines are of no use.
        mail["Auto-Submitted"] = "auto-generated"
    if mailing.reply_to:
        mail["Reply-To"] = _address(mailing.reply_to)
    if mailing.references:
        known = [f"<{_msg_id(one)}>" for one in mailing.references]
        mail["In-Reply-To"] = known[-1]
        mail["References"] = " ".join(known)
    if mailing.unsubscribe:
        if any(c.isspace() or c in "<>" for c in mailing.unsubscribe):
            raise ValueError(f"no address to unsubscribe: {mailing.unsubscribe!r}")
        # RFC 2369 and, for a press of a button in the reader's mail program, RFC 8058.
        mail["List-Unsubscribe"] = f"<{mailing.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text_of(mailing))
    mail.add_alternative(html_of(mailing), subtype="html")
    for one in mailing.attached:
        main, _, kind = one.media_type.partition("/")
        mail.add_attachment(one.data, maintype=main, subtype=kind, filename=one.name)
    # Last, because setting the content takes away every header that is about content.
    mail["Content-Language"] = mailing.lang
    return mail


def name_of(message_id: str) -> str:
    """A name for a message that fits into headers and file names, whatever its id."""
    return sha256(message_id.encode()).hexdigest()[:32]


def _msg_id(text: str) -> str:
    """A Message-ID without its brackets. Raises `ValueError` for what is none (RFC 5322, 3.6.4)."""
    if not text.isascii() or not text.isprintable() or any(sign in " <>" for sign in text):
        raise ValueError(f"no Message-ID: {text!r}")
    return text


def _address(text: str) -> Address:
    if not text.isascii() or any(character.isspace() for character in text):
        raise ValueError(f"no mail address: {text!r}")
    try:
        address = Address(addr_spec=text)
    except (HeaderParseError, IndexError) as error:
        raise ValueError(f"no mail address: {text!r}") from error
    if not address.username or not address.domain:
        raise ValueError(f"no mail address: {text!r}")
    return address
