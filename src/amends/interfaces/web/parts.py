"""What the pages need from the rest of Amends. The bootstrap supplies it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from amends.application.accounts import Accounts
from amends.application.blind_settlement import BlindSettlement
from amends.application.buyers import Buyers
from amends.application.case_file import CaseFiles
from amends.application.case_paper import CasePapers
from amends.application.correspondence import Correspondence
from amends.application.disputes import Disputes
from amends.application.evidence import EvidenceRoom
from amends.application.exchanges import Exchanges
from amends.application.help.centre import HelpCentre
from amends.application.lab.runs import Lab
from amends.application.ports import Clock, Due, Envelope, Reader, Result
from amends.application.ports.charts import Charts
from amends.application.ports.figures import Figures
from amends.application.ports.holds import Holds
from amends.application.ports.news import News
from amends.application.ports.purchases import Purchases
from amends.application.promises import Promises
from amends.application.rebuttals import Rebuttals
from amends.application.reconciliation import Reconciliation
from amends.application.sellers import Sellers
from amends.application.shipping import Shipping
from amends.application.studio import Studio
from amends.application.support import Support
from amends.domain.parties import Actor, Role
from amends.domain.time import Calendars


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody the pages can name. ``zone`` is the IANA zone their times are shown in, empty if unknown.

    ``about`` is one sentence for the sign-in card of the sandbox; ``country`` is ISO 3166-1 alpha-2.
    ``language`` is the code they chose (see `amends.application.words.LANGUAGES`), empty for none.
    """

    actor: Actor
    name: str
    about: str = ""
    zone: str = "UTC"
    country: str = ""
    language: str = ""


class Parts(Protocol):
    """The pages' whole view of the world. ``sandbox`` opens sign-in by card and the clock's page.

    ``secret`` signs sessions and form tokens (32 characters or more).
    """

    @property
    def reader(self) -> Reader: ...

    @property
    def news(self) -> News:
        """What changes while somebody looks."""

    @property
    def clock(self) -> Clock: ...

    @property
    def calendars(self) -> Calendars: ...

    @property
    def buyers(self) -> Buyers:
        """What stands out about buyers; for people, never for rules."""

    @property
    def sellers(self) -> Sellers:
        """Policies, inboxes and records of sellers."""

    @property
    def purchases(self) -> Purchases:
        """Lists of a party's orders and cases."""

    @property
    def embedders(self) -> Sequence[str]:
        """The origins whose pages may frame what is made to be embedded."""

    @property
    def figures(self) -> Figures:
        """Figures over all orders."""

    @property
    def promises(self) -> Promises:
        """How the guarantees are kept."""

    @property
    def charts(self) -> Charts:
        """Draws them."""

    @property
    def help(self) -> HelpCentre:
        """Articles, and the search in them."""

    @property
    def support(self) -> Support:
        """Conversations with support."""

    @property
    def evidence(self) -> EvidenceRoom:
        """Where files are handed in and looked at."""

    @property
    def blind(self) -> BlindSettlement:
        """Where the sides of a case leave hidden limits."""

    @property
    def correspondence(self) -> Correspondence:
        """Messages, notices, deadlines and what is sent out."""

    @property
    def disputes(self) -> Disputes:
        """What providers tell of disputes."""

    @property
    def rebuttals(self) -> Rebuttals:
        """Sends evidence against disputed payments."""

    @property
    def holds(self) -> Holds:
        """Every payout that is held."""

    @property
    def reconciliation(self) -> Reconciliation:
        """Holds providers' reports against the ledger."""

    @property
    def lab(self) -> Lab:
        """Tries drafts of the policy on past cases."""

    @property
    def studio(self) -> Studio:
        """Where operators change the policy."""

    @property
    def exchanges(self) -> Exchanges:
        """What could replace goods, as the marketplace's stock knows it."""

    @property
    def shipping(self) -> Shipping:
        """Carriers: rates, labels, where parcels are."""

    @property
    def case_files(self) -> CaseFiles:
        """Gathers everything about a case."""

    @property
    def case_papers(self) -> CasePapers:
        """Makes PDF of it."""

    @property
    def secret(self) -> str: ...

    @property
    def sandbox(self) -> bool: ...

    @property
    def accounts(self) -> Accounts:
        """Who can sign in, and who is signed in."""

    @property
    def proxies(self) -> int:
        """How many proxies of our own add whom they serve to ``X-Forwarded-For``."""

    async def execute(self, envelopes: Sequence[Envelope]) -> Sequence[Result]:
        """Carry out many commands in one transaction; results in their order."""

    async def submit(self, envelope: Envelope) -> Result:
        """Hand a command to the gatherer and wait for its durable answer."""

    def demo_people(self) -> Sequence[Person]:
        """Who can be signed in as by a press of a button; empty outside the sandbox."""

    def person(self, role: Role, person_id: str) -> Person | None:
        """Somebody by role and id, where their name is known."""

    async def deadlines(self, until: datetime, limit: int) -> Sequence[Due]:
        """The streams whose deadlines pass by ``until``, nearest first."""

    async def advance(self, to: datetime) -> int:
        """Move the sandbox's clock to ``to`` and let every deadline on the way fire; how many fired."""
