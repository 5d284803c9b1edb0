"""What accounts are told: members of teams, ways of signing in, what went wrong, what was done."""

from amends.application.credentials import Unfit
from amends.application.ports.accounts import How, Member
from amends.application.signing_in import Closed
from amends.application.teams import TeamRefusal
from amends.domain.orders import Tier
from amends.interfaces.web.words import N_

DONE: dict[str, str] = {
    "profile": N_("Your profile is saved."),
    "publish_policy": N_("Your policy is published. It holds for orders placed from now on."),
    "password": N_("Your new password is set. Other devices are signed out."),
    "reset": N_("Your new password is set. Sign in with it."),
    "session-ended": N_("That device is signed out."),
    "sessions-ended": N_("All other devices are signed out."),
    "key-revoked": N_("The key no longer works."),
    "invited": N_("The invitation is on its way."),
    "invitation-withdrawn": N_("The invitation no longer works."),
    "member-changed": N_("The team is up to date."),
    "member-removed": N_("They no longer have access."),
}
TIERS: dict[Tier, str] = {
    Tier.STANDARD: N_("Standard"),
    Tier.PLATINUM: N_("Platinum"),
    Tier.DIAMOND: N_("Diamond"),
}
MEMBERS: dict[Member, str] = {
    Member.OWNER: N_("Owner: everything, the team and its keys included"),
    Member.AGENT: N_("Agent: answers cases and acts on orders"),
    Member.VIEWER: N_("Viewer: looks and changes nothing"),
}
MEMBERS_SHORT: dict[Member, str] = {
    Member.OWNER: N_("Owner"),
    Member.AGENT: N_("Agent"),
    Member.VIEWER: N_("Viewer"),
}
WAYS: dict[How, str] = {
    How.PASSWORD: N_("with a password"),
    How.CARD: N_("with a card of the sandbox"),
    How.PROVIDER: N_("through your organisation"),
    How.HAND_OVER: N_("from your marketplace"),
}
CLOSED: dict[Closed, str] = {
    Closed.WRONG: N_("That address and password do not fit together. Check both and try again."),
    Closed.SUSPENDED: N_("This account is suspended. Write to support to have it looked at."),
    Closed.UNKNOWN: N_("There is no account for you here yet. Ask whoever runs this marketplace for one."),
    Closed.EXPIRED: N_("This link has been used or has run out. Go back to your marketplace and come again."),
}
UNFIT: dict[Unfit, str] = {
    Unfit.SHORT: N_("Use at least 10 characters. A few words in a row are easy to remember."),
    Unfit.LONG: N_("Use at most 200 characters."),
    Unfit.OWN: N_("Leave your mail address out of your password."),
    Unfit.SIMPLE: N_("Use more different characters."),
    Unfit.WRONG: N_("That is not your password. Try again."),
    Unfit.GONE: N_("This link has been used or has run out. Ask for a new one."),
}
TEAM: dict[TeamRefusal, str] = {
    TeamRefusal.ADDRESS: N_("Enter a mail address like name@shop.example."),
    TeamRefusal.MEMBER: N_("They are on the team already."),
    TeamRefusal.LAST_OWNER: N_("A team needs an owner: make somebody else one first."),
    TeamRefusal.FULL: N_("The team is as large as a team can be."),
    TeamRefusal.NOT_FOUND: N_("They are not on the team any more."),
    TeamRefusal.GONE: N_("This invitation has been used or has run out. Ask for a new one."),
    TeamRefusal.TAKEN: N_("There is an account under this address already. Ask to be invited at another."),
}
#: What members of a team do besides the actions on cases.
DEEDS: dict[str, str] = {
    "publish_policy": N_("Publish the return policy"),
    "hidden_limit_enter": N_("Leave a hidden limit"),
    "hidden_limit_withdraw": N_("Take a hidden limit back"),
    "book_label": N_("Book a label"),
    "offer_extension": N_("Offer more time to return"),
}
SCOPES: dict[str, str] = {
    "orders:read": N_("Read orders"),
    "orders:write": N_("Tell of orders, parcels and payments"),
    "cases:read": N_("Read cases"),
    "cases:act": N_("Act on cases"),
    "refunds": N_("Confirm refunds and choose how they are paid"),
    "messages": N_("Read and send messages, and what one is told"),
    "support": N_("Talk with support"),
    "policy": N_("Set the shop’s return policy"),
    "webhooks": N_("Look after webhooks"),
    "signals": N_("See what stands out about buyers, contest and review it"),
    "sign-in": N_("Sign its users in here"),
    "people": N_("Look after accounts and tiers"),
    "redress": N_("Goodwill, chargebacks and held payouts"),
    "reconciliation": N_("Providers' reports and their differences"),
    "figures": N_("Read figures over all orders"),
    "lab": N_("Run the lab"),
    "studio": N_("Change the policy"),
    "clock": N_("Move the sandbox’s clock"),
}
WAIT = N_("Too many attempts. Try again in %(length)s.")
LOOK_ONLY_TITLE = N_("You can look here, not act")
LOOK_ONLY_TEXT = N_("Your role on the team is to look. Ask an owner of the team to change it.")
