"""Support as its doors know it: conversations, the mail that comes in and the mail that goes out."""

from collections.abc import Awaitable, Callable

from amends.application.delivery import Readers, in_english
from amends.application.evidence import EvidenceRoom
from amends.application.ports import Addresses, Clock, Errand, Mail, Reader
from amends.application.ports.accounts import Account
from amends.application.ports.messages import Detector
from amends.application.ports.support import Conversation, SupportBook
from amends.application.support.conversations import Conversations
from amends.application.support.drawer import Drawer
from amends.application.support.house import SupportHouse
from amends.application.support.intake import Intake, Taken
from amends.application.support.post import Post
from amends.domain.refusals import Refused


class Support(Conversations):
    """Everything about support but its pages."""

    def __init__(
        self,
        book: SupportBook,
        reader: Reader,
        clock: Clock,
        *,
        evidence: EvidenceRoom,
        mail: Mail,
        addresses: Addresses,
        account_of: Callable[[str], Awaitable[Account | None]],
        house: SupportHouse,
        readers: Readers = in_english,
        detector: Detector | None = None,
    ) -> None:
        """``account_of`` finds an account by its mail address; ``readers`` says how people read.

        ``detector`` tells the language of mail from people without an account, for the answers to be in.
        """
        self.house = house
        drawer = Drawer(evidence)
        post = Post(book, mail, addresses, readers, house, drawer)
        super().__init__(book, reader, clock, drawer, post)
        self._intake = Intake(book, clock, drawer, addresses, house, detector)
        self._account_of = account_of

    async def account_behind(self, conversation: Conversation) -> Account | None:
        """Whose account has the address a mail came from: a hint, for anybody can write any sender."""
        return await self._account_of(conversation.email) if conversation.email else None

    async def receive(self, raw: bytes) -> Taken | Refused:
        """Take a mail in. The same mail twice is taken once."""
        return await self._intake.receive(raw)

    async def deliver(self, errand: Errand) -> bool:
        """Send an agent's words by mail; false where it did not go out and should be tried again."""
        return await self._post.deliver(errand)
