"""What support is called on the pages."""

from amends.application.ports.support import EntryKind, Level
from amends.interfaces.web.words import N_

DONE: dict[str, str] = {
    "support-opened": N_("Your message is with support."),
    "support-said": N_("Your message was sent."),
    "support-closed": N_("The conversation is closed. Writing in it opens it again."),
    "desk-answer": N_("Your answer was sent."),
    "desk-note": N_("The note is kept. Support alone sees it."),
    "desk-about": N_("The order is attached to this conversation."),
    "desk-write": N_("Your message was sent."),
    "desk-take": N_("You look after this conversation now."),
    "desk-hand-over": N_("The conversation waits for senior support now."),
    "desk-close": N_("The conversation is closed."),
}

LEVELS: dict[Level, str] = {Level.FIRST: N_("First line"), Level.SENIOR: N_("Senior support")}

DEEDS: dict[EntryKind, str] = {
    "taken": N_("%(who)s took up this conversation."),
    "handed_over": N_("%(who)s handed this over to senior support."),
    "about": N_("%(who)s found what this is about:"),
    "closed": N_("%(who)s closed the conversation."),
}
