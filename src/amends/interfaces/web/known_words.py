"""What stands out about a buyer, in words: for those who decide, and for the buyer."""

from collections.abc import Mapping

from amends.domain.signals import Sign
from amends.interfaces.web.words import N_

TITLES: Mapping[Sign, str] = {
    Sign.SERIAL_RETURNS: N_("Many returns"),
    Sign.HIGH_RATE: N_("More claims than others"),
    Sign.WORN_RETURNS: N_("Returns after use"),
    Sign.DENIED_DELIVERY: N_("Said not to have come, scanned as delivered"),
    Sign.LINKED_ACCOUNTS: N_("Several accounts at one address"),
}
#: For mediators and operators. ``count``, ``of``, ``share`` and ``times`` come in words.
ABOUT: Mapping[Sign, str] = {
    Sign.SERIAL_RETURNS: N_("Goods of %(count)s out of %(of)s orders were sent back (%(share)s)."),
    Sign.HIGH_RATE: N_("%(count)s claims on %(of)s orders: %(times)s times the rate of all other buyers."),
    Sign.WORN_RETURNS: N_(
        "%(count)s of %(of)s returns had no fault as their reason and came late, or were found used."
    ),
    Sign.DENIED_DELIVERY: N_(
        "%(count)s of %(of)s claims say that nothing came, though the carrier scanned the parcel as "
        "delivered at the buyer's postcode before."
    ),
    Sign.LINKED_ACCOUNTS: N_(
        "%(count)s claims on %(of)s orders by several accounts that order to the same address."
    ),
}
#: The same for the buyer.
ABOUT_YOU: Mapping[Sign, str] = {
    Sign.SERIAL_RETURNS: N_("You sent back goods of %(count)s out of %(of)s orders (%(share)s)."),
    Sign.HIGH_RATE: N_(
        "You made %(count)s claims on %(of)s orders: %(times)s times the rate of all other buyers."
    ),
    Sign.WORN_RETURNS: N_(
        "%(count)s of your %(of)s returns had no fault as their reason and came late, or were found used."
    ),
    Sign.DENIED_DELIVERY: N_(
        "%(count)s of your %(of)s claims say that nothing came, though the carrier scanned the parcel as "
        "delivered at your postcode before."
    ),
    Sign.LINKED_ACCOUNTS: N_(
        "You and others who order to the same address made %(count)s claims on %(of)s orders."
    ),
}
#: What may well be behind it, so that nobody jumps to a conclusion.
MAYBE: Mapping[Sign, str] = {
    Sign.SERIAL_RETURNS: N_("Sizes that run small, or a shop with poor pictures, lead to this as well."),
    Sign.HIGH_RATE: N_("Bad luck with one seller leads to this as well. Look at who the sellers were."),
    Sign.WORN_RETURNS: N_("To try something on is no fault, and to return it late within the time neither."),
    Sign.DENIED_DELIVERY: N_("Parcels are left with neighbours, at wrong doors, and stolen from porches."),
    Sign.LINKED_ACCOUNTS: N_("Families, flat shares and offices order to one address."),
}
STATES: Mapping[str, str] = {
    "open": N_("A person will look at it"),
    "upheld": N_("Looked at: it stays"),
    "removed": N_("Looked at: it was removed"),
}
DONE: Mapping[str, str] = {
    "contested": N_("A person will look at what you wrote."),
    "reviewed": N_("It is decided, and the buyer can read why."),
}
