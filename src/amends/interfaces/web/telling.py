"""The timeline in words: one sentence for every kind of event, and what more there is to say about it."""

from collections.abc import Mapping

from amends.domain.chain import Recorded
from amends.interfaces.web.cards import Told as Moment
from amends.interfaces.web.telling_cases import OF_CASES
from amends.interfaces.web.telling_orders import OF_ORDERS
from amends.interfaces.web.telling_remedies import OF_REMEDIES
from amends.interfaces.web.telling_voice import Told, Voice

_TELLINGS = OF_CASES | OF_REMEDIES | OF_ORDERS


def moment(teller: "Teller", recorded: Recorded, members: Mapping[str, str]) -> Moment:
    """An event as the timeline shows it; ``members`` of the seller's team by ``stream#seq``."""
    return Moment(recorded.at, *teller.tell(recorded), members.get(recorded.name, ""))


class Teller(Voice):
    """Tells events of one order to one reader."""

    def tell(self, recorded: Recorded) -> Told:
        """The sentence and the details of one event; the details may be empty."""
        return _TELLINGS[type(recorded.event)](self, recorded.event, recorded)
