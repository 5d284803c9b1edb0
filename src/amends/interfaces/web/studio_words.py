"""What the policy studio says: how versions stand, what was done, why something cannot be done."""

from collections.abc import Mapping

from amends.domain.policy import steps
from amends.domain.policy.clauses import Layer
from amends.domain.policy.studio import Stand
from amends.domain.refusals import Refused
from amends.interfaces.web.words import N_, Words

#: A version's stand in words, and the tone of its badge.
STANDS: Mapping[Stand, tuple[str, str]] = {
    Stand.DRAFT: (N_("Draft"), "them"),
    Stand.IN_REVIEW: (N_("In review"), "turn"),
    Stand.APPROVED: (N_("Approved"), "turn"),
    Stand.SCHEDULED: (N_("Scheduled"), "good"),
    Stand.IN_FORCE: (N_("In force"), "good"),
    Stand.SUPERSEDED: (N_("Superseded"), "them"),
    Stand.WITHDRAWN: (N_("Withdrawn"), "bad"),
}
LAYERS: Mapping[Layer, str] = {
    Layer.PLATFORM: N_("The marketplace’s own terms"),
    Layer.JURISDICTION: N_("A law: a floor for everybody"),
    Layer.CATEGORY: N_("A category of goods"),
    Layer.SELLER: N_("A seller"),
    Layer.PROMOTION: N_("A holiday or promotion"),
    Layer.NEGOTIATED: N_("An agreement"),
}
STEPS: Mapping[type[steps.Step], str] = {
    steps.Started: N_("Began this version"),
    steps.Edited: N_("Changed the text"),
    steps.Commented: N_("Commented"),
    steps.Submitted: N_("Sent it for review"),
    steps.Returned: N_("Sent it back"),
    steps.Approved: N_("Approved it"),
    steps.Published: N_("Published it"),
    steps.Withdrawn: N_("Withdrew it"),
}
DONE: dict[str, str] = {
    "policy-begun": N_("A new version is begun. Nothing is in force until it was reviewed and published."),
    "policy-saved": N_("The draft is saved."),
    "policy-commented": N_("Your comment is kept."),
    "policy-submitted": N_("It waits for a second person now."),
    "policy-returned": N_("It is a draft again."),
    "policy-approved": N_("It is approved and can be published."),
    "policy-published": N_("It is published. Orders placed from that instant on fall under it."),
    "policy-withdrawn": N_("It is withdrawn."),
}
_REFUSALS: Mapping[str, str] = {
    "conflict_of_interest": N_("You wrote a part of this version. Somebody else has to approve it."),
    "version_conflict": N_("Somebody did something with this version meanwhile. Look at it first."),
    "not_found": N_("There is no such version."),
    "unavailable": N_("Too many people change the policy at once. Try again in a moment."),
    "not_possible_now": N_("This is not possible as the version stands now."),
    "/note": N_("Say why, in a few words."),
    "/since": N_("Choose an instant to come, after every version that is published already."),
    "/pack_id": N_("Name a pack by small letters, digits and dashes, for example winter-holidays."),
    "/copy_of": N_("There is such a pack already: copy one of its versions."),
}


def refused(words: Words, why: Refused) -> str:
    """A refusal of the studio in words."""
    return words.say(_REFUSALS.get(why.pointer) or _REFUSALS.get(why.kind, _REFUSALS["not_possible_now"]))


def field_of(why: Refused) -> str:
    """The field of the form a refusal is about; empty for none."""
    return why.pointer.strip("/")
