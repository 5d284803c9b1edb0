"""What is said once something was done about a hidden limit."""

from amends.interfaces.web.words import N_

DONE: dict[str, str] = {
    "limit-entered": N_("Your limit is kept. Only you can see it."),
    "limit-taken-back": N_("Your limit is gone."),
    "limits-met": N_("The hidden limits met: the case is settled halfway between them."),
}
