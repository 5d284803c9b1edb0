"""Messages as somebody reads them: ready-made ones in their own words, free text translated, both beside what
was written."""

import msgspec

from amends.application import ready_made
from amends.application.messages import Messages, Thread
from amends.application.ports.messages import Message
from amends.application.words import Words
from amends.domain.parties import Actor

# More at once would make a service of somebody else's wait; the rest is read as it was written.
TRANSLATED_MAX = 30


class InWords(msgspec.Struct, frozen=True, kw_only=True):
    """One message for one reader. ``original`` is what was written, empty where ``text`` is that.

    ``how``: ``ready_made``, ``translated``, or empty.
    """

    text: str
    original: str = ""
    how: str = ""


async def read_in(
    messages: Messages, thread: Thread, reader: Actor, words: Words
) -> list[tuple[Message, InWords]]:
    """A thread in somebody's words, message by message; one's own stay as they are."""
    found: list[tuple[Message, InWords]] = []
    asked = 0
    for message in thread.messages:
        if message.template:
            found.append((message, _ready_made(thread, message, words)))
            continue
        if not messages.translates or asked >= TRANSLATED_MAX or not _foreign(message, reader, words):
            found.append((message, InWords(text=message.text)))
            continue
        asked += 1
        said = await messages.translated(message, words.locale.language)
        if said is None:
            found.append((message, InWords(text=message.text)))
        else:
            found.append((message, InWords(text=said, original=message.text, how="translated")))
    return found


def _ready_made(thread: Thread, message: Message, words: Words) -> InWords:
    about = next((case for case in thread.cases if case.case_id == message.case_id), None)
    said = ready_made.said(message.template, message.values, thread.custody, about, words)
    if said == message.text:
        return InWords(text=said)
    return InWords(text=said, original=message.text, how="ready_made")


def _foreign(message: Message, reader: Actor, words: Words) -> bool:
    return message.language not in {"", words.locale.language} and message.author != reader
