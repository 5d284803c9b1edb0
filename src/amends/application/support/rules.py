"""What may be done in a conversation with support, by whom, and how it is afterwards."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from amends.application.permissions import Caller
from amends.application.ports import KeyRole
from amends.application.ports.support import Conversation, EntryKind, Level
from amends.domain.messages import TEXT_MAX
from amends.domain.refusals import Refused

WRITERS = frozenset({KeyRole.BUYER, KeyRole.SELLER, KeyRole.MEDIATOR})
"""Who has conversations with support."""

ENTRIES_MAX = 500
FILES_MAX = 10
"""How many files come with one message."""

ATTACHED_BYTES_MAX = 10 * 1024 * 1024
"""How much goes with one mail: many servers take no more than 15 MB as it is encoded for the way."""

_SUPPORT_ALONE: frozenset[EntryKind] = frozenset({"note", "taken", "handed_over", "about"})
_SUBJECT_MAX = 80


def sees(caller: Caller, conversation: Conversation) -> bool:
    """Whether there is such a conversation for the caller."""
    return caller.role is KeyRole.OPERATOR or (caller.role in WRITERS and caller.actor == conversation.person)


def text_refused(text: str, files: Sequence[str] = (), pointer: str = "/text") -> Refused | None:
    """Why a text cannot be written; files may come without one."""
    if not text.strip() and not files:
        return Refused(kind="invalid", detail="Write what it is about.", pointer=pointer)
    if len(text) > TEXT_MAX:
        return Refused(kind="invalid", detail=f"Use at most {TEXT_MAX} characters.", pointer=pointer)
    if "\x00" in text:
        return Refused(kind="invalid", detail="A text cannot have the character U+0000.", pointer=pointer)
    if len(files) > FILES_MAX:
        return Refused(kind="invalid", detail=f"Send at most {FILES_MAX} files at once.", pointer="/files")
    return None


def refused(found: Conversation, kind: EntryKind, agent: bool, entries: int) -> Refused | None:
    """Why something cannot be done in a conversation as it stands."""
    if kind in _SUPPORT_ALONE and not agent:
        return Refused(kind="not_yours", detail="Only support does this.")
    if found.closed_at is not None and (kind == "closed" or (agent and kind in {"taken", "handed_over"})):
        return Refused(kind="not_possible_now", detail="The conversation is closed.")
    if kind == "handed_over" and found.level is Level.SENIOR:
        return Refused(kind="not_possible_now", detail="There is no higher level than this one.")
    if entries >= ENTRIES_MAX:
        detail = (
            f"This conversation has {ENTRIES_MAX} entries, which is as many as it can have: start another."
        )
        return Refused(kind="not_possible_now", detail=detail)
    return None


def changed(found: Conversation, kind: EntryKind, agent: bool, agent_id: str, now: datetime) -> Conversation:
    """A conversation after something was done in it."""
    after = replace(found, updated_at=now)
    match kind:
        case "said" if agent:
            # Answering is taking.
            return replace(after, waiting_since=None, agent_id=found.agent_id or agent_id, closed_at=None)
        case "said":
            return replace(after, waiting_since=found.waiting_since or now, closed_at=None)
        case "taken":
            return replace(after, agent_id=agent_id)
        case "handed_over":
            waiting = found.waiting_since or now
            return replace(after, level=Level.SENIOR, agent_id="", waiting_since=waiting)
        case "closed":
            return replace(after, closed_at=now, waiting_since=None)
    return after


def subject_of(text: str) -> str:
    """One line that says what it is about."""
    line = " ".join(text.split())
    return line if len(line) <= _SUBJECT_MAX else f"{line[: _SUBJECT_MAX - 1].rstrip()}…"
