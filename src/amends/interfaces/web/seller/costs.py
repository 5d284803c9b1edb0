"""What an answer costs the seller, in words."""

from amends.domain.cases.cost import Cost
from amends.interfaces.web.cards import Pair
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_


def cost_pairs(visit: Visit, cost: Cost) -> tuple[Pair, ...]:
    """What the seller pays now, who bears the way back, and what comes back."""
    say = visit.words.say

    def cash(amount: int) -> str:
        return visit.words.money(amount, cost.currency)

    pairs = [Pair(say(N_("Paid by the buyer for this")), cash(cost.paid))]
    if cost.replaces:
        pairs.append(Pair(say(N_("You send a replacement")), say(N_("goods and postage are yours"))))
        pairs.append(Pair(say(N_("If that fails, the buyer gets")), cash(cost.refund)))
    else:
        pairs.append(Pair(say(N_("The buyer gets")), cash(cost.refund)))
    if cost.by_platform:
        pairs.append(Pair(say(N_("Of that, the marketplace gives back its fee")), cash(cost.by_platform)))
    if cost.comes_back:
        goods = say(
            N_("%(pieces)s, bought for %(amount)s"),
            pieces=visit.words.count("%(number)s piece", "%(number)s pieces", cost.comes_back),
            amount=cash(cost.goods_back),
        )
        pairs.append(Pair(say(N_("Comes back to you")), goods))
        pairs.append(Pair(say(N_("Return postage")), _freight(visit, cost)))
    else:
        pairs.append(Pair(say(N_("Comes back to you")), say(N_("nothing, the buyer keeps it"))))
    if not cost.replaces:
        pairs.append(Pair(say(N_("You pay now")), cash(cost.by_seller), strong=True))
        pairs.append(Pair(say(N_("You keep of what was paid")), cash(cost.kept)))
    return tuple(pairs)


def cost_line(visit: Visit, cost: Cost) -> str:
    """The same in a sentence, for a line of a list."""
    say = visit.words.say
    pays = visit.words.money(cost.by_seller, cost.currency)
    if cost.replaces:
        said = say(N_("You send a replacement."))
    else:
        said = say(N_("Costs you %(amount)s."), amount=pays)
    if not cost.comes_back:
        return said
    back = (
        say(N_("The item comes back, and you pay the postage."))
        if cost.freight_by_seller
        else say(N_("The item comes back, and the buyer pays the postage."))
    )
    return f"{said} {back}"


def _freight(visit: Visit, cost: Cost) -> str:
    if not cost.freight_by_seller:
        return visit.words.say(N_("paid by the buyer"))
    if not cost.freight:
        return visit.words.say(N_("paid by you, on top"))
    amount = visit.words.money(cost.freight, cost.currency)
    return visit.words.say(N_("paid by you, on top; the way there was charged at %(amount)s"), amount=amount)
