"""Handing a mail to whatever carries it."""

import structlog

from amends.application.ports import Mail, MailFailed
from amends.application.ports.mail import Mailing

_log = structlog.get_logger()


async def sent(mail: Mail, mailing: Mailing) -> bool:
    """Send one mail; false where it did not go out and should be tried again.

    What has no address that mail can go to is told to the log and done with: trying again would not help.
    """
    try:
        await mail.send(mailing)
    except MailFailed as failure:
        _log.warning("mail_failed", message_id=mailing.message_id, why=str(failure))
        return False
    except ValueError as mistake:
        _log.warning("mail_address_refused", message_id=mailing.message_id, why=str(mistake))
    return True
