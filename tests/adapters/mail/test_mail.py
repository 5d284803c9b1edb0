"""Mail goes out as it was meant, to one person, whatever the words contain."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from amends.adapters.mail.addresses import InventedAddresses
from amends.adapters.mail.folder import MailFolder
from amends.adapters.mail.message import message
from amends.adapters.mail.paper import html_of
from amends.adapters.mail.smtp import SmtpMail
from amends.application.ports import MailFailed
from amends.application.ports.mail import Link, Mailing
from amends.domain.parties import Actor, Role

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SENDER = "amends@market.example"


def mailing(message_id: str, to: str, subject: str, text: str, **more: Any) -> Mailing:
    return Mailing(message_id=message_id, to=to, subject=subject, text=text, at=AT, **more)


def plain(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def read(content: bytes) -> EmailMessage:
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\r"])
def test_a_subject_cannot_become_a_header(breaks: str) -> None:
    with pytest.raises(ValueError, match="may not contain"):
        message(SENDER, mailing("n1", "nora@example.com", f"Hello{breaks}Bcc: all@example.com", "text"))


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
        message(SENDER, mailing("n1", to, "Hello", "text"))


def test_any_text_stays_text() -> None:
    text = "Bcc: all@example.com\n.\nSubject: other\n\nGrüße, 退款 ₹1,00,000"
    mail = read(message(SENDER, mailing("n1", "nora@example.com", "退款 of €10", text)).as_bytes())
    assert mail["Subject"] == "退款 of €10"
    assert mail["To"] == "nora@example.com"
    assert mail["Bcc"] is None
    assert plain(mail) == text + "\n"


@pytest.mark.parametrize(
    ("person_id", "address"),
    [("buyer-nora", "buyer.buyer-nora@example.invalid"), ("x@y", None), ("", None), ("a" * 49, None)],
)
async def test_in_the_sandbox_nobody_real_is_written_to(person_id: str, address: str | None) -> None:
    assert await InventedAddresses().address(Actor(Role.BUYER, person_id)) == address


async def test_the_same_notice_is_one_file(tmp_path: Path) -> None:
    folder = MailFolder(tmp_path / "mail")
    for _ in range(2):
        await folder.send(mailing("case-1:3:buyer:nora", "nora@example.com", "Hello", "text"))
    await folder.send(mailing("case-1:4:buyer:nora", "nora@example.com", "Hello", "text"))
    files = sorted((tmp_path / "mail").iterdir())
    assert [file.suffix for file in files] == [".eml", ".eml"]
    assert len({read(file.read_bytes())["Message-ID"] for file in files}) == 2


async def test_a_folder_that_cannot_be_written_is_tried_later(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    with pytest.raises(MailFailed):
        await MailFolder(tmp_path / "mail").send(mailing("n1", "nora@example.com", "Hello", "text"))


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
    await mail.send(mailing("n1", "nora@example.com", "退款 €10", "Line one\n.\nLine three"))
    (envelope,) = postbox.received
    assert envelope.mail_from == SENDER
    assert envelope.rcpt_tos == ["nora@example.com"]
    assert isinstance(envelope.content, bytes)
    received = read(envelope.content)
    assert received["Subject"] == "退款 €10"
    assert plain(received).split() == ["Line", "one", ".", "Line", "three"]


async def test_a_refused_recipient_is_given_up_and_a_busy_one_tried_later(port: int) -> None:
    mail = SmtpMail("127.0.0.1", port, SENDER, tls="none")
    with pytest.raises(ValueError, match="refuses gone"):
        await mail.send(mailing("n1", "gone@example.com", "Hello", "text"))
    with pytest.raises(MailFailed):
        await mail.send(mailing("n1", "busy@example.com", "Hello", "text"))


async def test_a_server_without_encryption_gets_nothing_when_it_is_wanted(
    port: int, postbox: Postbox
) -> None:
    with pytest.raises(MailFailed):
        await SmtpMail("127.0.0.1", port, SENDER).send(mailing("n1", "nora@example.com", "Hello", "text"))
    assert postbox.received == []


async def test_a_server_that_is_away_is_tried_later(unused_tcp_port: int) -> None:
    port = unused_tcp_port
    with pytest.raises(MailFailed):
        await SmtpMail("127.0.0.1", port, SENDER, tls="none").send(
            mailing("n1", "nora@example.com", "Hello", "text")
        )


@pytest.mark.row("K4", "H2")
async def test_a_mail_is_text_and_html_in_one_with_one_click_to_end_it(port: int, postbox: Postbox) -> None:
    sent = mailing(
        "n1",
        "nora@example.com",
        "Erstattung von 90,00 €",
        "Erster Absatz\nzweite Zeile\n\nZweiter Absatz",
        lang="de",
        link=Link("Fall öffnen", "https://market.example/cases/1.1"),
        footer="Darum kam das.",
        preferences=Link("Auswählen", "https://market.example/preferences"),
        unsubscribe="https://market.example/unsubscribe/token",
    )
    await SmtpMail("127.0.0.1", port, SENDER, tls="none").send(sent)
    (envelope,) = postbox.received
    assert isinstance(envelope.content, bytes)
    mail = read(envelope.content)
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail["Content-Language"] == "de"
    assert mail["List-Unsubscribe"] == "<https://market.example/unsubscribe/token>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "https://market.example/cases/1.1" in plain(mail)
    html = mail.get_body(("html",))
    assert html is not None
    page = str(html.get_content())
    assert 'lang="de"' in page
    assert 'href="https://market.example/cases/1.1"' in page
    assert "<script" not in page
    assert "src=" not in page, "nothing is loaded from anywhere"


@pytest.mark.row("K4")
def test_a_mail_reads_in_the_readers_direction_and_by_night() -> None:
    sent = mailing(
        "n1", "nora@example.com", "القرار في الحالة AM-204471.1", "أصدر الوسيط", lang="ar", rtl=True
    )
    page = html_of(sent)
    # Twice, because many mail programs drop everything around the body's content.
    assert page.count('lang="ar" dir="rtl"') == 2
    assert '<bdi dir="ltr" style="white-space:nowrap">AM-204471.1</bdi></h1>' in page
    assert "prefers-color-scheme: dark" in page
    # A part of an amount that is set apart would read as another amount.
    amount = mailing(
        "n3", "nora@example.com", "رد €\xa01,304.00", "12-14 10-101.1 1.304,00 26.11.2026", lang="ar"
    )
    assert "<h1" in html_of(amount)
    assert [one.partition("</bdi>")[0] for one in html_of(amount).split('nowrap">')[1:]] == [
        "12-14",
        "10-101.1",
    ]
    assert 'dir="ltr"><head>' in html_of(mailing("n2", "nora@example.com", "Hello", "text"))


@pytest.mark.parametrize("where", ["subject", "text", "footer", "label", "lang"])
def test_nothing_said_becomes_a_tag(where: str) -> None:
    evil = "\"><img src=x onerror=alert(1)><b a='"
    sent = mailing(
        "n1",
        "nora@example.com",
        evil if where == "subject" else "Hello",
        evil if where == "text" else "text",
        footer=evil if where == "footer" else "",
        link=Link(evil if where == "label" else "Open", "https://market.example/?a=1&b='"),
        lang="en",
    )
    if where == "lang":
        sent = msgspec.structs.replace(sent, lang=evil)
    page = html_of(sent)
    assert "<img" not in page
    assert "<b a" not in page


@pytest.mark.parametrize(
    "address", ["https://x.example/a\r\nBcc: all@example.com", "https://x.example/> <https://evil.example"]
)
def test_an_unsubscribe_address_cannot_become_a_header(address: str) -> None:
    with pytest.raises(ValueError, match="unsubscribe"):
        message(SENDER, mailing("n1", "nora@example.com", "Hello", "text", unsubscribe=address))


def test_what_cannot_be_declined_has_no_link_to_decline() -> None:
    mail = message(SENDER, mailing("n1", "nora@example.com", "Hello", "text"))
    assert mail["List-Unsubscribe"] is None
