"""Mail goes out as it was meant, to one person, whatever the words contain."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from amends.adapters.mail.addresses import InventedAddresses
from amends.adapters.mail.folder import MailFolder
from amends.adapters.mail.message import message
from amends.adapters.mail.smtp import SmtpMail
from amends.application.ports import MailFailed
from amends.domain.parties import Actor, Role

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SENDER = "amends@market.example"


def read(content: bytes) -> EmailMessage:
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\r"])
def test_a_subject_cannot_become_a_header(breaks: str) -> None:
    with pytest.raises(ValueError, match="may not contain"):
        message(SENDER, "n1", "nora@example.com", f"Hello{breaks}Bcc: all@example.com", "text", AT)


@pytest.mark.parametrize(
    "to",
    [
        "",
        "nora",
        "nora@",
        "@example.com",
        "nora@example.com, all@example.com",
        "nora@example.com\r\nBcc: all@example.com",
        "Nora <nora@example.com>",
        "nora@example.com>",
        "nörå@example.com",
    ],
)
def test_only_one_plain_address_is_written_to(to: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the library's words differ
        message(SENDER, "n1", to, "Hello", "text", AT)


def test_any_text_stays_text() -> None:
    text = "Bcc: all@example.com\n.\nSubject: other\n\nGrüße, 退款 ₹1,00,000"
    mail = read(message(SENDER, "n1", "nora@example.com", "退款 of €10", text, AT).as_bytes())
    assert mail["Subject"] == "退款 of €10"
    assert mail["To"] == "nora@example.com"
    assert mail["Bcc"] is None
    assert mail.get_content().replace("\r\n", "\n") == text + "\n"


@pytest.mark.parametrize(
    ("person_id", "address"),
    [("buyer-nora", "buyer.buyer-nora@example.invalid"), ("x@y", None), ("", None), ("a" * 49, None)],
)
async def test_in_the_sandbox_nobody_real_is_written_to(person_id: str, address: str | None) -> None:
    assert await InventedAddresses().address(Actor(Role.BUYER, person_id)) == address


async def test_the_same_notice_is_one_file(tmp_path: Path) -> None:
    folder = MailFolder(tmp_path / "mail")
    for _ in range(2):
        await folder.send("case-1:3:buyer:nora", "nora@example.com", "Hello", "text", AT)
    await folder.send("case-1:4:buyer:nora", "nora@example.com", "Hello", "text", AT)
    files = sorted((tmp_path / "mail").iterdir())
    assert [file.suffix for file in files] == [".eml", ".eml"]
    assert len({read(file.read_bytes())["Message-ID"] for file in files}) == 2


async def test_a_folder_that_cannot_be_written_is_tried_later(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    with pytest.raises(MailFailed):
        await MailFolder(tmp_path / "mail").send("n1", "nora@example.com", "Hello", "text", AT)


class Postbox:
    """What a mail server received; it refuses some recipients for good and some for now."""

    def __init__(self) -> None:
        self.received: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802  the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("gone"):
            return "550 no such person"
        if address.startswith("busy"):
            return "450 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.received.append(envelope)
        return "250 OK"


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
async def port(postbox: Postbox) -> AsyncIterator[int]:
    """The port of a real mail server that puts what comes into the postbox."""
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(postbox), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


async def test_mail_reaches_a_real_server(port: int, postbox: Postbox) -> None:
    mail = SmtpMail("127.0.0.1", port, SENDER, tls="none")
    await mail.send("n1", "nora@example.com", "退款 €10", "Line one\n.\nLine three", AT)
    (envelope,) = postbox.received
    assert envelope.mail_from == SENDER
    assert envelope.rcpt_tos == ["nora@example.com"]
    assert isinstance(envelope.content, bytes)
    received = read(envelope.content)
    assert received["Subject"] == "退款 €10"
    assert received.get_content().split() == ["Line", "one", ".", "Line", "three"]


async def test_a_refused_recipient_is_given_up_and_a_busy_one_tried_later(port: int) -> None:
    mail = SmtpMail("127.0.0.1", port, SENDER, tls="none")
    with pytest.raises(ValueError, match="refuses gone"):
        await mail.send("n1", "gone@example.com", "Hello", "text", AT)
    with pytest.raises(MailFailed):
        await mail.send("n1", "busy@example.com", "Hello", "text", AT)


async def test_a_server_without_encryption_gets_nothing_when_it_is_wanted(
    port: int, postbox: Postbox
) -> None:
    with pytest.raises(MailFailed):
        await SmtpMail("127.0.0.1", port, SENDER).send("n1", "nora@example.com", "Hello", "text", AT)
    assert postbox.received == []


async def test_a_server_that_is_away_is_tried_later(unused_tcp_port: int) -> None:
    port = unused_tcp_port
    with pytest.raises(MailFailed):
        await SmtpMail("127.0.0.1", port, SENDER, tls="none").send(
            "n1", "nora@example.com", "Hello", "text", AT
        )
