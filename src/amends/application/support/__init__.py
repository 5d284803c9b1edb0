"""Support: conversations by chat and by mail, the agents' queue, and handing over to a higher level."""

from amends.application.support.conversations import SupportThread
from amends.application.support.house import SupportHouse
from amends.application.support.intake import Taken
from amends.application.support.office import Support
from amends.application.support.openings import Opening, Writing
from amends.application.support.post import TOPIC

__all__ = ["TOPIC", "Opening", "Support", "SupportHouse", "SupportThread", "Taken", "Writing"]
