"""Notices as letters, each in its reader's words."""

from collections.abc import Mapping

from amends.application import turn_words
from amends.application.closing_reminders import TOLD
from amends.application.letter_words import NEAR, OTHER_WORDS, WORDS
from amends.application.notices import Notice
from amends.application.ports import Letter
from amends.application.words import N_, Words
from amends.domain.cases.model import Refund, State
from amends.domain.parties import Actor, Role, Waiting

_PROTECTION, _RELEASE = "protection_reminded", "release_escrow"
# Which of the words for a default somebody reads; anybody else reads the third.
_SIDES: Mapping[Role, int] = {Role.BUYER: 0, Role.SELLER: 1}


_REFUND_LINE = N_("%(amount)s by %(method)s")
_REFUND_LINE_ETA = N_("%(amount)s by %(method)s, to arrive between %(from)s and %(by)s")
_METHODS: Mapping[str, str] = {
    "card": N_("card"),
    "bank_transfer": N_("bank transfer"),
    "wallet": N_("wallet"),
    "voucher": N_("voucher"),
    "balance": N_("account balance"),
}
_US = N_("It is our turn until %(until)s.")
# A sentence for each: what follows "for" is declined in some languages.
_TURNS: Mapping[Role, str] = {
    Role.BUYER: N_("Waiting for the buyer until %(until)s."),
    Role.SELLER: N_("Waiting for the seller until %(until)s."),
    Role.MEDIATOR: N_("Waiting for the mediator until %(until)s."),
    Role.OPERATOR: _US,
    Role.CARRIER: N_("Waiting for the carrier until %(until)s."),
    Role.PROVIDER: N_("Waiting for the payment provider until %(until)s."),
    Role.CLOCK: N_("The next step comes by itself on %(until)s."),
}
_YOUR_TURN = N_("It is your turn until %(until)s.")
_RULED = N_("You can accept the decision or appeal until %(until)s.")
_PROTECTION_ENDS = N_("It ends on %(until)s.")
_WINDOW_ENDS = N_("You can do that until %(until)s.")
_ASKED = N_("what was asked for")
_GOODS = N_("It is about: %(goods)s")
_CLAUSE = N_("Clause: %(clause)s")
# Nobody's turn: what the buyer may do, until the window closes.
_WINDOWS = frozenset(TOLD.values())


def letters_of(notice: Notice, order_id: str, case_id: str, readers: Mapping[Actor, Words]) -> list[Letter]:
    """The notice in words, one letter a person; ``readers`` has the words of each of ``notice.to``.

    Whose zone nobody knows reads the times of their country, as the order has it.
    """
    return [
        _letter(notice, order_id, case_id, person, readers[person].placed(notice.country_of(person)))
        for person in notice.to
    ]


def _letter(notice: Notice, order_id: str, case_id: str, person: Actor, words: Words) -> Letter:
    wording = WORDS.get(notice.event) or OTHER_WORDS[notice.event]
    if notice.event == NEAR and notice.waiting is not None and notice.waiting.default == _RELEASE:
        wording = WORDS[_PROTECTION]
    total = sum(refund.amount for refund in notice.refunds)
    facts = {"case": case_id, "order": order_id, "amount": words.money(total, notice.currency)}
    facts["moment"] = words.moment(notice.at)
    # A reminder of a case says at once what there is to do.
    lines = [words.say(_todo(notice, person) or wording.text, **facts)]
    lines += [_refund(refund, notice.currency, words) for refund in notice.refunds]
    if notice.goods:
        lines.append(words.say(_GOODS, goods=words.listing(notice.goods)))
    if notice.waiting is not None:
        lines += _turn(notice, notice.waiting, person, words)
    if notice.clause:
        lines.append(words.say(_CLAUSE, clause=notice.clause))
    return Letter(
        notice_id=f"{notice.stream}:{notice.seq}:{person.role.value}:{person.id}",
        to=person,
        order_id=order_id,
        case_id=case_id,
        event=notice.event,
        subject=words.say(wording.subject, **facts),
        text="\n".join(lines),
        at=notice.at,
    )


def _refund(refund: Refund, currency: str, words: Words) -> str:
    facts = {
        "amount": words.money(refund.amount, currency),
        "method": words.say(_METHODS.get(refund.method, refund.method)),
    }
    if refund.eta_from is None or refund.eta_by is None:
        return words.say(_REFUND_LINE, **facts)
    facts["from"] = words.day(refund.eta_from)
    facts["by"] = words.day(refund.eta_by)
    return words.say(_REFUND_LINE_ETA, **facts)


def _todo(notice: Notice, person: Actor) -> str:
    """What there is to do, in a reminder of a case; operators see to what no mediator has taken."""
    if notice.event != NEAR or not notice.state:
        return ""
    state = State(notice.state)
    if person.role is Role.OPERATOR and state in {State.MEDIATING, State.APPEALED}:
        state = State.MEDIATING_LATE
    return turn_words.TASKS[state]


def _turn(notice: Notice, waiting: Waiting, person: Actor, words: Words) -> list[str]:
    """Whose turn it is; to whom it is, what there is to do, until when, and what happens otherwise."""
    if waiting.default == "remind_protection":
        return []  # the instant of a reminder is nobody's turn
    mine, sentence = waiting.on is person.role, _TURNS[waiting.on]
    if notice.event in _WINDOWS:
        mine, sentence = False, _WINDOW_ENDS
    elif notice.event == _PROTECTION or waiting.default == _RELEASE:
        mine, sentence = person.role is Role.BUYER, _PROTECTION_ENDS
    elif waiting.default == "ruling_stands" and person.role in _SIDES:
        mine, sentence = True, _RULED
    elif mine or (notice.event == NEAR and person.role is Role.OPERATOR):
        mine, sentence = True, _YOUR_TURN
    lines = [words.say(sentence, until=words.moment(waiting.until))]
    if mine and waiting.default in turn_words.DEFAULTS:
        otherwise = turn_words.DEFAULTS[waiting.default][_SIDES.get(person.role, 2)]
        lines.append(words.say(otherwise, remedy=words.say(_ASKED)))
    return lines
