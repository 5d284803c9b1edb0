"""A seller's policy: write it, see what it does to a sample product, publish it."""

from collections.abc import Mapping

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from amends.application.page_permissions import may_act
from amends.application.ports import WriteConflict
from amends.application.sellers import Rejected
from amends.domain.money import Money, is_currency
from amends.domain.parties import Role
from amends.domain.policy.clauses import Facts
from amends.domain.policy.sellers import Address, Published, Rule, SellerPolicy, pack_of
from amends.domain.policy.terms import ClauseText, Terms
from amends.interfaces.web import vocabulary
from amends.interfaces.web.forms import Form
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

RULES = 5
ADDRESSES = 3
_DAYS_MAX = 365
_SAMPLE: tuple[tuple[str, str, str], ...] = (
    (N_("Return it or report a problem"), "return.window", ""),
    (N_("Free return for any reason"), "free_return.offered", ""),
    (N_("Return postage, change of mind"), "freight.payer", "no_reason.changed_mind"),
    (N_("Return postage, something wrong"), "freight.payer", "quality.defective"),
    (N_("Restocking"), "return.restocking", "no_reason.changed_mind"),
    (N_("Exchange"), "exchange.grounds", ""),
    (N_("Without return"), "returnless.below", "quality.defective"),
)
DOES: dict[str, str] = {
    "accept": N_("Accept the request"),
    "offer": N_("Offer a share, the item is kept"),
}


class SampleRow(msgspec.Struct, frozen=True):
    """One rule the sample product is sold under, and whether it is the seller's own."""

    title: str
    clause: ClauseText
    own: bool


@get("/policy")
async def policy(visit: NamedDependency[Visit]) -> Response[str]:
    """The seller's policy as it stands, ready to be changed."""
    visit.require(Role.SELLER)
    latest = await _latest(visit)
    typed = _typed(visit, latest.policy if latest else SellerPolicy())
    return await _page(visit, typed, {})


@post("/policy", status_code=200)
async def publish(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Publish what was typed, or show what it does to a sample product."""
    visit.require(Role.SELLER)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    draft = read_policy(form)
    sellers, seller_id = visit.parts.sellers, visit.actor.id
    typed = {name: said[-1] for name, said in values.items()}
    typed |= {f"exchanges.{code}": "yes" for code in draft.exchanges}
    rejected = None if form.errors else await sellers.judge(seller_id, draft, visit.now)
    if rejected is not None:
        _said(form, rejected)
    if form.errors:
        return await _page(visit, typed, form.errors, rejected=rejected)
    if form.raw("do") == "preview":
        sample = await _sample(visit, form, draft)
        return await _page(visit, typed, form.errors, sample=sample)
    if visit.account is None or not may_act(visit.account):
        raise NotFoundException
    version = form.raw("version")
    after = int(version[:6]) if version.isdecimal() else None
    teams = visit.parts.accounts.teams
    noted = await teams.note(visit.account, "publish_policy", "", "")
    try:
        await sellers.publish(seller_id, draft, visit.now, after)
    except WriteConflict:
        await teams.conclude(visit.account, noted, "conflict")
        form.wrong("", N_("Somebody on your team published another version meanwhile. Look at it first."))
        return await _page(visit, typed, form.errors)
    await teams.conclude(visit.account, noted, "done")
    return visit.redirect("/policy", "publish_policy")


def read_policy(form: Form) -> SellerPolicy:
    """The policy of the form's fields; what is not right is in ``form.errors``."""
    return SellerPolicy(
        window_days=_days(form, "window_days") or None,
        free_days=_days(form, "free_days"),
        pays_way_back=form.raw("pays_way_back") == "yes",
        exchanges=tuple(code for code in form.values.get("exchanges", []) if code in vocabulary.REASONS),
        keep_below=_money(form, "keep_below"),
        restocking=_share(form, "restocking", 0),
        addresses=_addresses(form),
        label=form.raw("label") if form.raw("label") in vocabulary.LABELS else "buyer",
        sends_address=form.raw("sends_address") == "yes",
        rules=_rules(form),
    )


def _days(form: Form, name: str) -> int:
    if not form.raw(name):
        return 0
    return form.whole(name, _DAYS_MAX, N_("Enter a whole number of days, up to 365, or leave it empty."))


def _share(form: Form, name: str, least: int) -> int:
    """Basis points of whole per cents."""
    typed = form.raw(name).rstrip("%").strip()
    if not typed and not least:
        return 0
    if not typed.isdecimal() or not least <= int(typed[:4]) <= 100:
        form.wrong(name, N_("Enter a whole number of per cent, up to 100."))
        return 0
    return int(typed) * 100


def _money(form: Form, name: str) -> Money | None:
    typed, currency = form.raw(name), form.raw(f"{name}_currency").upper() or "EUR"
    if not typed:
        return None
    if not is_currency(currency):
        form.wrong(name, N_("Enter a currency by its three letters, for example EUR."))
        return None
    amount = form.words.read_amount(typed, currency)
    if amount is None or amount <= 0:
        form.wrong(name, N_("Enter an amount as a number, for example 25."))
        return None
    return Money(amount, currency)


def _addresses(form: Form) -> tuple[Address, ...]:
    found = []
    for n in range(1, ADDRESSES + 1):
        text = form.text(f"address_{n}", most=500)
        if text:
            found.append(Address(text, form.raw(f"country_{n}").upper()))
    return tuple(found)


def _rules(form: Form) -> tuple[Rule, ...]:
    found = []
    for n in range(1, RULES + 1):
        name = form.text(f"rule_{n}", most=80)
        if not name:
            continue
        does = form.raw(f"does_{n}")
        limit = _money(form, f"at_most_{n}")
        code = form.raw(f"reason_{n}")
        found.append(
            Rule(
                name=name,
                does="offer" if does == "offer" else "accept",
                reasons=(code,) if code else (),
                at_most=limit.amount if limit else 0,
                currency=limit.currency if limit else "",
                share=_share(form, f"share_{n}", 1) if does == "offer" else 0,
            )
        )
    return tuple(found)


def _said(form: Form, rejected: Rejected) -> None:
    """What is wrong, at its field; a broken floor with the clause it breaks."""
    for one in rejected.undercuts:
        form.wrong(
            one.pointer.strip("/"),
            N_("The marketplace’s rules do not allow this: %(sentence)s (clause %(clause)s)"),
            sentence=one.sentence,
            clause=one.clause,
        )
    for mistake in rejected.mistakes:
        form.wrong(_field(mistake.pointer), N_("This cannot be published; check what you typed here."))


def _field(pointer: str) -> str:
    """The field of the form a JSON pointer leads to."""
    parts = pointer.strip("/").split("/")
    if parts[0] == "addresses" and len(parts) == 3:
        return f"{'country' if parts[2] == 'country' else 'address'}_{int(parts[1]) + 1}"
    if parts[0] == "rules" and len(parts) >= 3:
        name = {"name": "rule", "share": "share", "reasons": "reason"}.get(parts[2], "at_most")
        return f"{name}_{int(parts[1]) + 1}"
    return parts[0]


def _typed(visit: Visit, policy: SellerPolicy) -> dict[str, str]:
    """The form's fields as a policy fills them; lists of choices are told apart by their own names."""
    words = visit.words
    typed = {
        "window_days": str(policy.window_days or ""),
        "free_days": str(policy.free_days or ""),
        "pays_way_back": "yes" if policy.pays_way_back else "",
        "restocking": f"{policy.restocking // 100}" if policy.restocking else "",
        "label": policy.label,
        "sends_address": "yes" if policy.sends_address else "",
    }
    typed |= {f"exchanges.{code}": "yes" for code in policy.exchanges}
    if policy.keep_below is not None:
        typed["keep_below"] = words.amount_field(policy.keep_below.amount, policy.keep_below.currency)
        typed["keep_below_currency"] = policy.keep_below.currency
    for n, one in enumerate(policy.addresses, 1):
        typed |= {f"address_{n}": one.text, f"country_{n}": one.country}
    for n, rule in enumerate(policy.rules, 1):
        typed |= {f"rule_{n}": rule.name, f"does_{n}": rule.does, f"reason_{n}": "".join(rule.reasons[:1])}
        if rule.share:
            typed[f"share_{n}"] = str(rule.share // 100)
        if rule.currency:
            typed[f"at_most_{n}"] = words.amount_field(rule.at_most, rule.currency)
            typed[f"at_most_{n}_currency"] = rule.currency
    return typed


async def _sample(visit: Visit, form: Form, draft: SellerPolicy) -> list[SampleRow]:
    """What a product would be sold under, were this published."""
    price = _money(form, "sample_price") or Money(0, "EUR")
    facts = Facts(
        placed_at=visit.now,
        currency=price.currency,
        price=price.amount,
        category=form.raw("sample_category"),
        seller=visit.actor.id,
        buyer_country=form.raw("sample_country").upper(),
    )
    return sample_rows(visit, await visit.parts.sellers.preview(visit.actor.id, draft, facts))


def sample_rows(visit: Visit, terms: Terms) -> list[SampleRow]:
    """The rules people ask for before they buy."""
    rows = []
    for title, name, reason in _SAMPLE:
        if terms.has(name, reason):
            clause = terms.clause(terms.get(name, reason).clause)
            rows.append(SampleRow(visit.words.say(title), clause, clause.id.startswith("seller.")))
    return rows


async def _said_by(visit: Visit, published: Published) -> list[ClauseText]:
    """What a version said to buyers, clause by clause."""
    packs = await visit.parts.sellers.book.in_force(published.published_at)
    return [
        ClauseText(clause.id, clause.sentence, clause.citation)
        for clause in pack_of(published, packs).clauses
    ]


async def _latest(visit: Visit) -> Published | None:
    return next(iter(await visit.parts.sellers.policies.versions(visit.actor.id, 1)), None)


async def _page(
    visit: Visit,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    sample: list[SampleRow] | None = None,
    rejected: Rejected | None = None,
) -> Response[str]:
    versions = await visit.parts.sellers.policies.versions(visit.actor.id, 10)
    say = visit.words.say
    reasons = [(code, say(title)) for code, title in vocabulary.REASONS.items()]
    claims = [(code, title) for code, title in reasons if not code.startswith(("cancel.", "return."))]
    families = [(code, say(title)) for code, title in vocabulary.FAMILIES.items()]
    return visit.page(
        "seller_policy.html",
        422 if errors else 200,
        typed=typed,
        chosen=_chosen(typed),
        errors=errors,
        sample=sample,
        broken=list(rejected.undercuts) if rejected else [],
        versions=[(one, await _said_by(visit, one)) for one in versions],
        version=versions[0].version if versions else 0,
        claims=claims,
        families=[(code, title) for code, title in families if code not in {"cancel", "return"}],
        labels=[(code, say(title)) for code, title in vocabulary.LABELS.items()],
        does=[(code, say(title)) for code, title in DOES.items()],
        rules=RULES,
        addresses=ADDRESSES,
        seller_id=visit.actor.id,
    )


def _chosen(typed: Mapping[str, str]) -> frozenset[str]:
    """The reasons exchanged for."""
    return frozenset(name.removeprefix("exchanges.") for name in typed if name.startswith("exchanges."))
