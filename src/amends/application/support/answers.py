"""Ready answers of support, in the language of whom they are for and with the numbers of the policy."""

from collections.abc import Mapping

from amends.application.help.centre import filled
from amends.application.help.figures import Figures
from amends.application.words import N_, Words
from amends.domain.policy.terms import Terms

ANSWERS: Mapping[str, tuple[str, str]] = {
    "hello": (
        N_("Greeting"),
        N_("Hello, thank you for writing. I am looking at it now and will be with you in a moment."),
    ),
    "which_order": (
        N_("Which order?"),
        N_("Could you tell me the number of the order? You find it at the top of the order’s page."),
    ),
    "photo": (
        N_("Please send a photo"),
        N_(
            "Could you add a clear photo to your case? One of the damage and one of the box with its "
            "label help most."
        ),
    ),
    "seller_time": (
        N_("The seller still has time"),
        N_(
            "The seller has %(negotiation.seller_response)s to answer your request. If no answer "
            "comes in that time, you get what you asked for, without doing anything."
        ),
    ),
    "refund_on_its_way": (
        N_("The refund is on its way"),
        N_(
            "Your refund has been started. To a card it takes %(refund.eta.card)s, by bank transfer "
            "%(refund.eta.bank_transfer)s. Your refunds page shows each step."
        ),
    ),
    "send_back": (
        N_("How to send it back"),
        N_(
            "The address is on the page of your case once the seller has named it. Please post the "
            "parcel within %(return.ship_by)s of that and enter its tracking number."
        ),
    ),
    "reopen": (
        N_("What reopening needs"),
        N_(
            "A closed case can be reopened within %(reopen.window)s when new facts turn up. Which "
            "facts are new, and what shows them?"
        ),
    ),
    "senior": (
        N_("A senior colleague takes over"),
        N_(
            "I have asked a senior colleague to look at this. They see everything written here and "
            "will answer you."
        ),
    ),
    "goodbye": (
        N_("Anything else?"),
        N_(
            "Is there anything else I can do for you? If not, I will close this conversation; writing"
            " reopens it."
        ),
    ),
}
"""Title and text of each answer by its id."""


def answer(name: str, words: Words, terms: Terms) -> str:
    """The text of an answer in somebody's words. Raises `KeyError` for an id that is none."""
    text = ANSWERS[name][1]
    return filled(words.say(text), text, Figures(terms, words))
