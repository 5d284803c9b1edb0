"""Mail by SMTP."""

import aiosmtplib

from amends.adapters.mail.message import message
from amends.application.ports import MailFailed
from amends.application.ports.mail import Mailing

_TIMEOUT_S = 10.0
_PERMANENT = 500


class SmtpMail:
    """Hands messages to a mail server.

    ``tls``: ``none`` (a server on this machine), ``starttls`` (required, not merely tried) or ``implicit``.
    """

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        *,
        username: str = "",
        password: str = "",
        tls: str = "starttls",
    ) -> None:
        if tls not in {"none", "starttls", "implicit"}:
            raise ValueError(f"tls is {tls!r}: wanted none, starttls or implicit")
        self._host = host
        self._port = port
        self._sender = sender
        self._username = username or None
        self._password = password or None
        self._tls = tls

    async def send(self, mailing: Mailing) -> None:
        mail = message(self._sender, mailing)
        try:
            await aiosmtplib.send(
                mail,
                hostname=self._host,
                port=self._port,
                username=self._username,
                password=self._password,
                use_tls=self._tls == "implicit",
                start_tls=self._tls == "starttls",
                timeout=_TIMEOUT_S,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            codes = [recipient.code for recipient in refused.recipients]
            if all(code >= _PERMANENT for code in codes):
                raise ValueError(f"the mail server refuses {mailing.to}") from refused
            raise MailFailed(str(refused)) from refused
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailFailed(str(error)) from error
