"""The timeline in words: one sentence for every kind of event, and what more there is to say about it."""

from amends.domain.chain import Recorded
from amends.interfaces.web.telling_cases import OF_CASES
from amends.interfaces.web.telling_orders import OF_ORDERS
from amends.interfaces.web.telling_remedies import OF_REMEDIES
from amends.interfaces.web.telling_voice import Told, Voice

_TELLINGS = OF_CASES | OF_REMEDIES | OF_ORDERS


class Teller(Voice):
    """Tells events of one order to one reader."""

    def tell(self, recorded: Recorded) -> Told:
        """The sentence and the details of one event; the details may be empty."""
        return _TELLINGS[type(recorded.event)](self, recorded.event, recorded)
