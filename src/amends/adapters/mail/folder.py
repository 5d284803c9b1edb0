"""Mail that stays here: one .eml file a message, for the sandbox."""

import asyncio
from pathlib import Path

from amends.adapters.mail.message import message, name_of
from amends.application.ports import MailFailed
from amends.application.ports.mail import Mailing


class MailFolder:
    """Writes messages into a folder. The same message again is the same file."""

    def __init__(self, folder: Path, sender: str = "amends@example.invalid") -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, mailing: Mailing) -> None:
        mail = message(self._sender, mailing)
        try:
            await asyncio.to_thread(self._write, f"{name_of(mailing.message_id)}.eml", mail.as_bytes())
        except OSError as error:
            raise MailFailed(str(error)) from error

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        # A reader of the folder never sees half a message.
        unfinished = self._folder / f".{name}"
        unfinished.write_bytes(content)
        unfinished.replace(self._folder / name)
