"""What the reader can do about a case: every action as a form, with what stands in it and what it offers."""

from collections.abc import Mapping
from textwrap import shorten

from amends.application import findings
from amends.domain.cases.actions import Action, actions
from amends.domain.cases.model import Case, Goods, RefundStage, Remedy, Ruling, State
from amends.domain.cases.negotiation import latest
from amends.domain.parties import Role
from amends.interfaces.web import forms, vocabulary
from amends.interfaces.web.cards import ActionView, Choices, Lists
from amends.interfaces.web.money_card import refund
from amends.interfaces.web.parcel_words import inspected_names, left_to_send, parcel_choices
from amends.interfaces.web.reading import Reading
from amends.interfaces.web.words import N_

# Kept to the end of the list: what ends a case without a remedy.
_GRAVE = frozenset({"withdraw", "accept_rejection"})
# What a button says where the name of the action does not say all.
_BUTTONS = {
    "accept_offer": N_("Accept, this is final"),
    "make_offer": N_("Send the offer"),
    "decline_offer": N_("Decline"),
    "rule": N_("Record the decision"),
    "assign_case": N_("Record"),
    "confirm_ruling": N_("Record my answer"),
    "appeal": N_("Send the appeal"),
    "give_instructions": N_("Send to the buyer"),
    "ship_return": N_("Record the parcel"),
    "ship_replacement": N_("Record the parcel"),
    "inspect_return": N_("Record the inspection"),
    "choose_refund_method": N_("Send my money there"),
}


def offered(
    r: Reading, tried: str, form: forms.Form | None, recommended: Ruling | None
) -> tuple[ActionView, ...]:
    case = r.case
    possible = [
        a for a in actions(case, r.visit.role, r.visit.now, hearing=r.hearing) if a.name in forms.OFFERED
    ]
    possible.sort(key=lambda a: (not a.mandatory, a.name in _GRAVE))
    known = {a.name for a in possible}
    if tried and tried not in known:
        tried = ""
    views = []
    for n, action in enumerate(possible):
        label, hint, _ = vocabulary.ACTIONS["keep_rest" if keeps_rest(case, action.name) else action.name]
        chosen = form if action.name == tried else None
        views.append(
            ActionView(
                name=action.name,
                label=_label(r, action, label),
                button=r.say(_BUTTONS.get(action.name, label)),
                hint=r.say(hint) if hint else "",
                mandatory=action.mandatory,
                main=n == 0 and (action.mandatory or action.name == "take_case"),
                open=chosen is not None,
                typed={k: v[-1] for k, v in chosen.values.items() if v}
                if chosen
                else _typed(r, action, recommended),
                errors=chosen.errors if chosen else {},
            )
        )
    return tuple(views)


def keeps_rest(case: Case, name: str) -> bool:
    """Once a parcel of a return has left, withdrawing is keeping what has not."""
    return name == "withdraw" and case.state is State.AWAITING_SHIPMENT and bool(case.parcels)


def _label(r: Reading, action: Action, label: str) -> str:
    if action.name == "accept_offer":
        offer = latest(r.case, _other(r))
        remedy = offer.remedy if offer else r.case.wanted
        return r.say(N_("Accept: %(remedy)s"), remedy=r.teller.remedy(remedy))
    if action.name == "assign_case" and r.visit.role is Role.MEDIATOR:
        return r.say(N_("Give the case back to the queue"))
    if action.name == "make_offer" and latest(r.case, _other(r)) is not None:
        return r.say(N_("Make a counter-offer"))
    return r.say(label)


def _other(r: Reading) -> Role:
    return Role.SELLER if r.visit.role is Role.BUYER else Role.BUYER


def _typed(r: Reading, action: Action, recommended: Ruling | None) -> dict[str, str]:
    """What stands in a form before anybody typed: the last offer, or the recommended ruling."""
    if action.name == "rule" and recommended is not None:
        told = findings.reasons(recommended, r.say, r.kinds)
        typed = {"reasons": told, **_remedy_fields(r, recommended.remedy)}
        for n, finding in enumerate(recommended.findings[: forms.FINDINGS], 1):
            typed |= {
                f"fact_{n}": findings.fact(finding, r.say, r.kinds),
                f"clause_{n}": finding.clause,
                f"evidence_{n}": finding.evidence,
                f"weight_{n}": finding.weight,
            }
        return typed
    if action.name == "assign_case":
        return {"mediator_id": r.case.mediator_id}
    if action.name == "make_offer":
        own = latest(r.case, r.visit.role)
        if own:
            return _remedy_fields(r, own.remedy)
        # An answer mostly keeps what the other side wants, and names another amount.
        asked = latest(r.case, _other(r))
        return _remedy_fields(r, asked.remedy) | {"amount": ""} if asked else {"freight": "seller"}
    offer = latest(r.case, _other(r))
    return {"offer_id": str(offer.offer_id)} if action.name == "accept_offer" and offer else {}


def _remedy_fields(r: Reading, remedy: Remedy) -> dict[str, str]:
    goods = "return" if remedy.goods is Goods.RETURN else "keep"
    what = f"exchange_{goods}" if remedy.exchange_variant else goods if remedy.amount else "nothing"
    amount = r.visit.words.amount_field(remedy.amount, r.case.currency) if remedy.amount else ""
    freight = "buyer" if remedy.freight_payer is Role.BUYER else "seller"
    return {"what": what, "amount": amount, "variant": remedy.exchange_variant, "freight": freight}


def lists(r: Reading) -> Lists:
    """The choices of the forms, in words."""
    case = r.case
    offered = {kind: title for kind, title in forms.REMEDY_KINDS.items() if kind != "nothing"}
    flying = [each for each in case.refunds if each.stage is RefundStage.INITIATED]
    texts = sorted(r.terms.clauses.values(), key=lambda text: text.id)
    return Lists(
        remedies=_choices(r, offered),
        rulings=_choices(r, forms.REMEDY_KINDS),
        kinds=_choices(r, vocabulary.EVIDENCE_KINDS),
        clauses=tuple(
            (
                text.id,
                r.say(
                    N_("%(id)s: %(sentence)s"),
                    id=text.id,
                    sentence=shorten(r.say(text.sentence), 60, placeholder="…"),
                ),
            )
            for text in texts
        ),
        labels=_choices(r, vocabulary.LABELS),
        signals=tuple((signal.value, r.say(title)) for signal, title in vocabulary.SIGNALS.items()),
        receptions=_choices(r, vocabulary.RECEPTIONS),
        grounds=_grounds(r),
        refunds=tuple((each.refund_id, refund(r, each).label) for each in flying),
        mediators=_mediators(r),
        findings=forms.FINDINGS,
        weights=tuple((code, r.say(text)) for code, text in findings.WEIGHTS.items()),
        symbol=r.visit.words.symbol(case.currency),
        left=left_to_send(case, r.custody),
        parcels=parcel_choices(case),
        inspected=inspected_names(r.visit.words, case, r.custody),
    )


def _mediators(r: Reading) -> Choices:
    """Whom an operator can give the case to, where their names are known."""
    if r.visit.role is not Role.OPERATOR:
        return ()
    known = [one for one in r.visit.parts.demo_people() if one.actor.role is Role.MEDIATOR]
    if r.case.mediator_id and r.case.mediator_id not in {one.actor.id for one in known}:
        return ((r.case.mediator_id, r.case.mediator_id), *((one.actor.id, one.name) for one in known))
    return tuple((one.actor.id, one.name) for one in known)


def _grounds(r: Reading) -> Choices:
    """The grounds of a rejection that the terms of this case allow."""
    allowed = r.terms.words("inspect.reject_grounds", r.case.reason)
    return _choices(r, {code: vocabulary.REJECT_GROUNDS[code] for code in allowed})


def _choices(r: Reading, messages: Mapping[str, str]) -> Choices:
    return tuple((code, r.say(message)) for code, message in messages.items())
