"""What the API is given to work with; `amends.bootstrap` puts it together."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

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
from amends.application.ports import ApiKeys, Clock, Envelope, Reader, Result
from amends.application.ports.figures import Figures
from amends.application.ports.holds import Holds
from amends.application.ports.sightings import CarrierNews
from amends.application.rebuttals import Rebuttals
from amends.application.reconciliation import Reconciliation
from amends.application.sellers import Sellers
from amends.application.shipping import Shipping
from amends.application.sightings import Sightings
from amends.application.studio import Studio
from amends.application.support import Support
from amends.domain.time import Calendars


class Parts(Protocol):
    """Everything the API needs from below."""

    @property
    def reader(self) -> Reader: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def help(self) -> HelpCentre:
        """Articles, and the search in them."""

    @property
    def support(self) -> Support:
        """Conversations with support."""

    @property
    def evidence(self) -> EvidenceRoom:
        """Where files are handed in and fetched."""

    @property
    def blind(self) -> BlindSettlement:
        """Where the sides of a case leave hidden limits."""

    @property
    def calendars(self) -> Calendars: ...
    @property
    def keys(self) -> ApiKeys: ...
    @property
    def accounts(self) -> Accounts:
        """Who can sign in: a marketplace hands its users over."""

    @property
    def sellers(self) -> Sellers: ...
    @property
    def buyers(self) -> Buyers:
        """What stands out about buyers; for people, never for rules."""

    @property
    def figures(self) -> Figures: ...
    @property
    def lab(self) -> Lab:
        """Tries drafts of the policy on past cases."""

    @property
    def carrier_news(self) -> CarrierNews:
        """Reads what carriers send by themselves."""

    @property
    def sightings(self) -> Sightings:
        """Records it."""

    @property
    def exchanges(self) -> Exchanges:
        """What could replace goods, as the marketplace's stock knows it."""

    @property
    def disputes(self) -> Disputes:
        """Takes in providers' events."""

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
    def shipping(self) -> Shipping:
        """Carriers: rates, labels, where parcels are."""

    @property
    def correspondence(self) -> Correspondence:
        """Messages, notices, deadlines and webhooks."""

    @property
    def case_files(self) -> CaseFiles:
        """Gathers everything about a case."""

    @property
    def case_papers(self) -> CasePapers:
        """Makes PDF of it."""

    @property
    def studio(self) -> Studio:
        """Where operators change the policy."""

    @property
    def sandbox(self) -> bool:
        """Whether people may move the clock."""

    async def submit(self, envelope: Envelope) -> Result:
        """Carry out one command together with whatever else waits."""

    async def execute(self, envelopes: Sequence[Envelope]) -> Sequence[Result]:
        """Carry out many commands in one transaction; results in their order."""

    async def advance(self, to: datetime) -> int:
        """Move the sandbox's clock forward and let every deadline up to then fire; how many fired."""

    async def ready(self) -> bool:
        """Whether the database answers."""
