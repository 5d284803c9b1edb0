"""Trying a version out: the terms of a sample product or of an order, as they are and as they would be."""

from collections.abc import Sequence

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec.structs import replace

from amends.domain.money import Money, is_currency
from amends.domain.parties import Role
from amends.domain.policy.changes import shown
from amends.domain.policy.clauses import Facts, facts_of
from amends.domain.policy.drafts import as_published
from amends.domain.policy.packs import load_pack
from amends.domain.policy.parameters import PARAMETERS
from amends.domain.policy.stack import Pack
from amends.domain.policy.terms import Terms, in_force, resolve
from amends.domain.reasons import REASONS
from amends.interfaces.web import vocabulary
from amends.interfaces.web.forms import Form
from amends.interfaces.web.operator.studio import revision_of
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_


class TermRow(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: its value now and under the version, with the clauses that set them."""

    name: str
    was: str
    was_clause: str
    now: str
    clause: str
    sentence: str
    differs: bool


@get("/studio/{pack_id:str}/{version:int}/preview")
async def preview(
    visit: NamedDependency[Visit], pack_id: FromPath[str], version: FromPath[int]
) -> Response[str]:
    """What a product would be sold under, beside what it is sold under now."""
    visit.require(Role.OPERATOR)
    _, revision = await revision_of(visit, pack_id, version)
    asked = {name: visit.request.query_params.getall(name) for name in visit.request.query_params}
    form = Form({name: [str(one) for one in said] for name, said in asked.items()}, visit.words, visit.now)
    facts = await _facts(visit, form)
    code = form.raw("reason") if form.raw("reason") in REASONS else ""
    draft = as_published(load_pack(revision.text, revision.file), visit.now)
    packs = await visit.parts.sellers.packs_for(facts.seller, visit.now)
    live = in_force(packs, visit.now)
    stack = (*(pack for pack in live if pack.pack_id != pack_id), draft)
    rows = compare_terms(live, stack, facts, code)
    return visit.page(
        "studio_preview.html",
        422 if form.errors else 200,
        revision=revision,
        rows=rows,
        differing=sum(row.differs for row in rows),
        typed={name: said[-1] for name, said in form.values.items()},
        errors=form.errors,
        reasons=[(one, visit.words.say(vocabulary.REASONS[one])) for one in REASONS],
        reason=code,
        facts=facts,
    )


async def _facts(visit: Visit, form: Form) -> Facts:
    """The sample: the first line of an order by its number, or a product as typed."""
    order_id = form.raw("order")
    if order_id:
        scene = await visit.parts.reader.scene(order_id)
        if scene is None or scene.custody is None:
            form.wrong("order", N_("There is no order of this number."))
        else:
            order = scene.custody.order
            return replace(facts_of(order, order.lines[0]), placed_at=visit.now)
    currency = form.raw("currency").upper() or "EUR"
    if not is_currency(currency):
        form.wrong("currency", N_("Enter a currency by its three letters, for example EUR."))
        currency = "EUR"
    price = form.words.read_amount(form.raw("price") or "40", currency)
    if price is None or price < 0:
        form.wrong("price", N_("Enter an amount as a number, for example 25."))
    return Facts(
        placed_at=visit.now,
        currency=currency,
        price=price or 0,
        category=form.raw("category")[:200],
        seller=form.raw("seller")[:64],
        buyer_country=form.raw("country").upper()[:2],
        buyer_tier=form.raw("tier") or "standard",
    )


def compare_terms(was: Sequence[Pack], now: Sequence[Pack], facts: Facts, reason: str) -> list[TermRow]:
    """Every rule under both stacks, those that differ first. Raises `LookupError` for none in force."""
    before, after = resolve(was, facts), resolve(now, facts)
    rows = []
    for name in PARAMETERS:
        old, new = _told(before, name, reason), _told(after, name, reason)
        if old is None and new is None:
            continue
        value, clause = new or ("", "")
        past, past_clause = old or ("", "")
        rows.append(
            TermRow(
                name=name,
                was=past,
                was_clause=past_clause,
                now=value,
                clause=clause,
                sentence=after.clause(clause).sentence if clause else "",
                differs=old != new,
            )
        )
    return sorted(rows, key=lambda row: not row.differs)


def _told(terms: Terms, name: str, reason: str) -> tuple[str, str] | None:
    if not terms.has(name, reason):
        return None
    term = terms.get(name, reason)
    value = term.value
    if PARAMETERS[name].type == "money":
        return shown(name, Money(value, terms.currency)), term.clause
    return shown(name, value), term.clause
