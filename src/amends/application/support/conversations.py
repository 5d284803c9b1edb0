"""Conversations with support: reading them, writing in them, and the agents' queue."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from amends.application.permissions import Caller
from amends.application.ports import Errand, KeyRole
from amends.application.ports.support import Added, Clash, Conversation, Entry, EntryKind, Level
from amends.application.support import rules
from amends.application.support.drawer import stranger
from amends.application.support.openings import LISTED, Openings, files_refused, order_of, scoped
from amends.domain.messages import mask_cards
from amends.domain.refusals import Refused

ATTEMPTS = 5


class SupportThread(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation and what the reader may see of it, oldest first."""

    conversation: Conversation
    entries: tuple[Entry, ...]


class Conversations(Openings):
    """What people and support say to each other."""

    # What people ask

    async def mine(self, caller: Caller) -> Sequence[Conversation]:
        """The caller's own conversations, last changed first."""
        return await self._book.of(caller.actor, LISTED)

    async def queue(
        self, caller: Caller, level: Level | None = None, *, closed: bool = False
    ) -> Sequence[Conversation] | None:
        """What waits for support, longest first; None for anybody else."""
        if caller.role is not KeyRole.OPERATOR:
            return None
        return await self._book.queue(level, closed, LISTED)

    async def thread(self, caller: Caller, conversation_id: str) -> SupportThread | None:
        """A conversation; None where there is none for the caller."""
        found = await self._book.find(conversation_id)
        if found is None or not rules.sees(caller, found):
            return None
        entries = tuple(
            one
            for one in await self._book.entries(conversation_id)
            if caller.role is KeyRole.OPERATOR or not one.internal
        )
        return SupportThread(conversation=found, entries=entries)

    async def seen(self, caller: Caller, thread: SupportThread) -> None:
        """Remember that the person has seen what there is, so that no mail repeats it."""
        if thread.entries and caller.actor == thread.conversation.person:
            await self._book.seen(thread.conversation.conversation_id, thread.entries[-1].seq)

    # What people do

    async def say(
        self, caller: Caller, conversation_id: str, text: str, *, files: tuple[str, ...] = (), key: str = ""
    ) -> Conversation | Refused | None:
        """Write in a conversation; the person's words open a closed one again."""
        refused = rules.text_refused(text, files)
        refused = refused or files_refused(files, await self.drawer.mine(caller, files))
        if refused is not None:
            return refused
        entry = Entry(kind="said", author=caller.actor, at=self._clock.now(), text=text, files=files)
        return await self._do(caller, conversation_id, entry, key)

    async def note(
        self, caller: Caller, conversation_id: str, text: str, *, key: str = ""
    ) -> Conversation | Refused | None:
        """Write down something that support alone sees."""
        return rules.text_refused(text) or await self._done(caller, conversation_id, "note", text, key)

    async def take(self, caller: Caller, conversation_id: str) -> Conversation | Refused | None:
        """Look after a conversation from now on."""
        return await self._done(caller, conversation_id, "taken")

    async def hand_over(
        self, caller: Caller, conversation_id: str, reason: str, *, key: str = ""
    ) -> Conversation | Refused | None:
        """Give a conversation to the next higher level, with what they have to know."""
        if not reason.strip():
            detail = "Say what the colleagues have to know."
            return Refused(kind="invalid", detail=detail, pointer="/reason")
        refused = rules.text_refused(reason, pointer="/reason")
        return refused or await self._done(caller, conversation_id, "handed_over", reason, key)

    async def about(
        self, caller: Caller, conversation_id: str, order_id: str, case_id: str = ""
    ) -> Conversation | Refused | None:
        """Say which order, or which of its cases, a conversation is about; support alone does."""
        about = order_of(order_id, case_id)
        if not about:
            detail = "Name an order or a case."
            return Refused(kind="invalid", detail=detail, pointer="/order_id")
        refused = await self.about_refused(caller, about, case_id)
        entry = Entry(kind="about", author=caller.actor, at=self._clock.now(), text=case_id or about)
        return refused or await self._do(caller, conversation_id, entry, "", order_id=about, case_id=case_id)

    async def close(self, caller: Caller, conversation_id: str) -> Conversation | Refused | None:
        """End a conversation; either side may."""
        return await self._done(caller, conversation_id, "closed")

    async def _done(
        self, caller: Caller, conversation_id: str, kind: EntryKind, text: str = "", key: str = ""
    ) -> Conversation | Refused | None:
        entry = Entry(kind=kind, author=caller.actor, at=self._clock.now(), text=text)
        return await self._do(caller, conversation_id, entry, key)

    async def _do(
        self, caller: Caller, conversation_id: str, entry: Entry, key: str, **about: str
    ) -> Conversation | Refused | None:
        if entry.kind != "about":
            entry = replace(entry, text=mask_cards(entry.text.strip()).text)
        for _ in range(ATTEMPTS):
            found = await self._book.find(conversation_id)
            if found is None or not rules.sees(caller, found):
                return None
            added = await self._try(caller, found, entry, key, about)
            if isinstance(added, Refused):
                return added
            if added is not None:
                return added.conversation
        return Refused(
            kind="version_conflict", detail="Others write here at this moment: look again, then send it."
        )

    async def _try(
        self, caller: Caller, found: Conversation, entry: Entry, key: str, about: dict[str, str]
    ) -> Added | Refused | None:
        """One attempt; None where somebody else was faster."""
        entries = await self._book.entries(found.conversation_id)
        agent = caller.role is KeyRole.OPERATOR
        refused = rules.refused(found, entry.kind, agent, len(entries))
        whose = found.person or stranger(found.email)
        if refused is None and not await self.drawer.may_show(caller, entry.files, whose):
            refused = Refused(
                kind="invalid",
                detail="A file was sent to somebody else, who alone sees it: send it once more.",
                pointer="/files",
            )
        if refused is None and agent and entry.files and found.person is None:
            refused = await self._too_large(caller, entry.files)
        if refused is not None:
            return refused
        changed = replace(rules.changed(found, entry.kind, agent, caller.id, entry.at), **about)
        mailed = agent and entry.kind == "said"
        written = replace(entry, message_id=self._post.new_message_id()) if mailed else entry

        def follow(kept: Entry) -> Sequence[Errand]:
            return [self._post.errand(changed, kept)] if mailed else []

        # First, so that no word ever names a file that is cleared away.
        await self.drawer.show(entry.files, whose)
        try:
            return await self._book.write(
                changed, written, since=len(entries), key=scoped(caller, key), errands=follow
            )
        except Clash:
            return None

    async def _too_large(self, caller: Caller, files: tuple[str, ...]) -> Refused | None:
        """Why files cannot go with a mail, as they do to somebody without an account."""
        size = await self.drawer.size_of(files, caller.actor)
        if size <= rules.ATTACHED_BYTES_MAX:
            return None
        return Refused(
            kind="invalid",
            detail=f"Files for somebody without an account go with the mail: at most "
            f"{rules.ATTACHED_BYTES_MAX} bytes together, these have {size}.",
            facts={"why": "mail", "size": size, "most": rules.ATTACHED_BYTES_MAX},
            pointer="/files",
        )
