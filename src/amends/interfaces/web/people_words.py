"""What operators are told when they look after accounts."""

from amends.application.people import COMMAND_LINE, MARKETPLACE, PeopleRefusal
from amends.application.ports.people import Decision, Standing
from amends.interfaces.web.words import N_

DONE: dict[str, str] = {
    "person-suspend": N_("The account is suspended. Every device is signed out."),
    "person-restore": N_("The account works again."),
    "person-tier": N_("The tier is set. It holds for orders placed from now on."),
    "person-sign-out": N_("Signed out."),
}
STANDINGS: dict[Standing, str] = {
    Standing.ACTIVE: N_("Active"),
    Standing.SUSPENDED: N_("Suspended"),
}
DECISIONS: dict[Decision, str] = {
    Decision.SUSPENDED: N_("Suspended"),
    Decision.RESTORED: N_("Let in again"),
    Decision.TIER: N_("Tier changed from %(was)s to %(became)s"),
    Decision.SIGNED_OUT: N_("Signed out on one device"),
}
SIGNED_OUT_EVERYWHERE = N_("Signed out everywhere")
AUTHORS: dict[str, str] = {
    COMMAND_LINE.actor.id: N_("The command line"),
    MARKETPLACE.actor.id: N_("The marketplace"),
}
REFUSALS: dict[PeopleRefusal, str] = {
    PeopleRefusal.NOT_FOUND: N_("This account is gone."),
    PeopleRefusal.ONESELF: N_("You cannot suspend yourself. Ask another operator."),
    PeopleRefusal.REASON: N_("Say why, for whoever looks at it later."),
    PeopleRefusal.UNCHANGED: N_("Nothing had to be changed: somebody else was faster."),
    PeopleRefusal.NOT_A_BUYER: N_("Only buyers have a tier."),
}
