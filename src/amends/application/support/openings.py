"""How conversations with support begin: somebody asks, or support writes first."""

import secrets
from collections.abc import Sequence

import msgspec

from amends.application.permissions import Caller, sees_case, sees_order
from amends.application.ports import Clock, KeyRole, Reader
from amends.application.ports.files import StoredFile
from amends.application.ports.support import Conversation, Entry, SupportBook
from amends.application.support import rules
from amends.application.support.drawer import Drawer
from amends.application.support.mail import is_address
from amends.application.support.post import Post
from amends.application.words import Words
from amends.domain.custody.model import Custody
from amends.domain.messages import mask_cards
from amends.domain.parties import Actor, Role
from amends.domain.refusals import Refused

LISTED = 200
_OPEN_MAX = 20


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants of support. ``order_id`` or ``case_id`` say what it is about."""

    text: str
    subject: str = ""
    order_id: str = ""
    case_id: str = ""
    files: tuple[str, ...] = ()


class Writing(msgspec.Struct, frozen=True, kw_only=True):
    """What support writes of its own accord: to a side of an order, or to a mail address."""

    text: str
    subject: str = ""
    order_id: str = ""
    case_id: str = ""
    to: Role | None = None
    email: str = ""


class Openings:
    """Begins conversations."""

    def __init__(self, book: SupportBook, reader: Reader, clock: Clock, drawer: Drawer, post: Post) -> None:
        self.drawer = drawer
        self._book = book
        self._reader = reader
        self._clock = clock
        self._post = post

    async def open(
        self, caller: Caller, opening: Opening, words: Words, *, key: str = ""
    ) -> Conversation | Refused:
        """Start a conversation. The same ``key`` starts one."""
        if caller.role not in rules.WRITERS:
            return Refused(kind="not_yours", detail="Support writes to somebody: say to whom.")
        about = order_of(opening.order_id, opening.case_id)
        refused = rules.text_refused(opening.text, opening.files)
        files = await self.drawer.mine(caller, opening.files)
        refused = refused or files_refused(opening.files, files)
        refused = refused or await self.about_refused(caller, about, opening.case_id)
        if refused is not None:
            return refused
        mine = await self._book.of(caller.actor, LISTED)
        if sum(one.closed_at is None for one in mine) >= _OPEN_MAX:
            detail = f"You have {_OPEN_MAX} open conversations; write in one of them."
            return Refused(kind="not_possible_now", detail=detail)
        now = self._clock.now()
        text = mask_cards(opening.text.strip()).text
        conversation = Conversation(
            conversation_id=secrets.token_hex(8),
            channel="chat",
            subject=rules.subject_of(opening.subject or text or files[0].name),
            opened_at=now,
            updated_at=now,
            person=caller.actor,
            language=words.locale.language,
            order_id=about,
            case_id=opening.case_id,
            waiting_since=now,
        )
        entry = Entry(kind="said", author=caller.actor, at=now, text=text, files=opening.files)
        await self.drawer.show(opening.files, caller.actor)
        return (await self._book.open(conversation, [entry], key=scoped(caller, key))).conversation

    async def write_to(
        self, caller: Caller, writing: Writing, words: Words, *, key: str = ""
    ) -> Conversation | Refused:
        """Support writes to somebody first, and the mail goes out at once. The same ``key`` writes once."""
        if caller.role is not KeyRole.OPERATOR:
            return Refused(kind="not_yours", detail="Only support does this.")
        about = order_of(writing.order_id, writing.case_id)
        refused = rules.text_refused(writing.text)
        refused = refused or await self.about_refused(caller, about, writing.case_id)
        if refused is not None:
            return refused
        person = await self._side(about, writing.to) if writing.to is not None else None
        if person is None and not is_address(writing.email):
            detail = "Name a side of an order, or one mail address."
            return Refused(kind="invalid", detail=detail, pointer="/email")
        now = self._clock.now()
        text = mask_cards(writing.text.strip()).text
        conversation = Conversation(
            conversation_id=secrets.token_hex(8),
            channel="mail",
            subject=rules.subject_of(writing.subject or text),
            opened_at=now,
            updated_at=now,
            person=person,
            email="" if person else writing.email.lower(),
            language=await self._post.language_of(person) if person else words.locale.language,
            order_id=about,
            case_id=writing.case_id,
            agent_id=caller.id,
        )
        entry = Entry(
            seq=1, kind="said", author=caller.actor, at=now, text=text, message_id=self._post.new_message_id()
        )
        errands = [self._post.errand(conversation, entry)]
        added = await self._book.open(conversation, [entry], key=scoped(caller, key), errands=errands)
        return added.conversation

    async def about_refused(self, caller: Caller, order_id: str, case_id: str) -> Refused | None:
        """Why a conversation cannot be about an order or case: there is none for the caller."""
        if not order_id:
            return None
        scene = await self._reader.scene(order_id) if order_id.isprintable() else None
        if (
            scene is None
            or scene.custody is None
            or not sees_order(caller, scene.custody, scene.cases.values())
        ):
            detail = f"There is no order {order_id}."
            return Refused(kind="not_found", detail=detail, pointer="/order_id")
        case = scene.cases.get(case_id)
        if case_id and (case is None or not sees_case(caller, case)):
            return Refused(kind="not_found", detail=f"There is no case {case_id}.", pointer="/case_id")
        return None

    async def _side(self, order_id: str, role: Role) -> Actor | None:
        scene = await self._reader.scene(order_id) if order_id else None
        custody: Custody | None = scene.custody if scene is not None else None
        if custody is None or role not in {Role.BUYER, Role.SELLER}:
            return None
        order = custody.order
        return Actor(role, order.buyer_id if role is Role.BUYER else order.seller_id)


def files_refused(wanted: Sequence[str], found: Sequence[StoredFile]) -> Refused | None:
    """Why files cannot be named: those that were found are not all that were wanted."""
    if {one.file_id for one in found} == set(wanted):
        return None
    return Refused(
        kind="invalid", detail="A file is not yours, or was not sent to support.", pointer="/files"
    )


def order_of(order_id: str, case_id: str) -> str:
    """The order that is meant, by itself or by its case."""
    return order_id or case_id.rpartition(".")[0]


def scoped(caller: Caller, key: str) -> str:
    """A key that is the caller's own."""
    return f"{caller.role}:{caller.id}:{key}" if key else ""
