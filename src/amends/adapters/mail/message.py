"""Plain-text mail messages, built so that no text can become a header or another recipient."""

from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256


def message(sender: str, message_id: str, to: str, subject: str, text: str, at: datetime) -> EmailMessage:
    """A message from one address to one address. Its Message-ID follows from ``message_id`` alone.

    Raises `ValueError` for what is no single ASCII address, and for a subject with line breaks.
    """
    sender_address, to_address = _address(sender), _address(to)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender_address
    mail["To"] = to_address
    mail["Subject"] = subject
    mail["Date"] = at
    mail["Message-ID"] = f"<{name_of(message_id)}@{sender_address.domain}>"
    # Answers of machines (absence notes) to machines are of no use.
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    return mail


def name_of(message_id: str) -> str:
    """A name for a message that fits into headers and file names, whatever its id."""
    return sha256(message_id.encode()).hexdigest()[:32]


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
