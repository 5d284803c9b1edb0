"""Puts notices into people's accounts and sends them by mail."""

import structlog

from amends.application.letters import Translate, letters_of
from amends.application.notices import Notice
from amends.application.ports import Addresses, Inbox, Letter, Mail, MailFailed

_log = structlog.get_logger()


class Delivery:
    """Puts letters into people's accounts and sends them by mail where they want that.

    The account's row decides: a letter that is there and mailed is never sent again. A crash between sending
    and remembering sends the same mail twice, with the same Message-ID.
    """

    def __init__(
        self,
        inbox: Inbox,
        mail: Mail,
        addresses: Addresses,
        *,
        translate: Translate = lambda message: message,
        locale: str = "en",
    ) -> None:
        self._inbox = inbox
        self._mail = mail
        self._addresses = addresses
        self._translate = translate
        self._locale = locale

    async def deliver(self, notice: Notice, order_id: str, case_id: str) -> bool:
        """Deliver a notice; false when some mail did not go out and should be tried again."""
        letters = letters_of(notice, order_id, case_id, self._translate, self._locale)
        to_mail = await self._inbox.put(letters)
        gone = [letter.notice_id for letter in to_mail if await self._send(letter)]
        await self._inbox.mailed(gone)
        return len(gone) == len(to_mail)

    async def _send(self, letter: Letter) -> bool:
        to = await self._addresses.address(letter.to)
        if to is None:
            return True
        try:
            await self._mail.send(letter.notice_id, to, letter.subject, letter.text, letter.at)
        except MailFailed as failure:
            _log.warning("mail_failed", notice_id=letter.notice_id, why=str(failure))
            return False
        except ValueError as mistake:
            # No address that mail can go to: trying again would not help.
            _log.warning("mail_address_refused", notice_id=letter.notice_id, why=str(mistake))
        return True
