"""The answers of a claim as its pages carry them: read from fields, and put back into fields for a draft."""

from collections.abc import Mapping

import msgspec

from amends.application.exchanges import Replacements
from amends.domain.cases.model import Case, EvidenceItem, Goods, Remedy
from amends.domain.orders import Line, Unit
from amends.domain.parties import Role
from amends.domain.policy.options import Option
from amends.interfaces.web import claim as claims
from amends.interfaces.web import vocabulary
from amends.interfaces.web.claim import Setting
from amends.interfaces.web.evidence_intake import FILE_ID
from amends.interfaces.web.forms import Form
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

EVIDENCE_MAX = 20
_PLAIN = ("reason", "remedy", "amount", "variant", "story", "draft", "line")
_ITEM = ("kind", "evidence", "url")


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What will be asked, once every answer is there."""

    reason: str
    units: tuple[Unit, ...]
    wanted: Remedy
    story: str
    evidence: tuple[EvidenceItem, ...]


class EvidenceRow(msgspec.Struct, frozen=True):
    """The fields of the ``number``-th piece of evidence that is words or a link, from 1."""

    number: int
    kind: str
    note: str
    url: str


def pieces_field(line_id: str) -> str:
    """The field that says how many pieces of a line a claim is about."""
    return f"n.{line_id}"


def kept(form: Form, at: Setting) -> dict[str, str]:
    """Every answer given so far, by its field: what a page hands on to the next."""
    names = [*_PLAIN, *(pieces_field(line.line_id) for line in at.custody.order.lines)]
    values = {name: form.raw(name) for name in names}
    for row in evidence_rows(form):
        values |= {
            f"kind_{row.number}": row.kind,
            f"evidence_{row.number}": row.note,
            f"url_{row.number}": row.url,
        }
    return {name: value for name, value in values.items() if value}


def tidied(values: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The fields with the evidence numbered from 1 without gaps; ``remove`` names a piece to leave out."""
    rest = {name: typed for name, typed in values.items() if name.rpartition("_")[0] not in _ITEM}
    rest.pop("remove", None)
    gone = (values.get("remove") or [""])[-1]
    number = 0
    for n in range(1, EVIDENCE_MAX + 1):
        item = {name: values.get(f"{name}_{n}", [""]) for name in _ITEM}
        if str(n) == gone or not any(item[name][-1].strip() for name in _ITEM[1:]):
            continue
        number += 1
        rest |= {f"{name}_{number}": typed for name, typed in item.items()}
    return rest


def evidence_rows(form: Form, blank: int = 0) -> tuple[EvidenceRow, ...]:
    """The pieces of evidence typed so far, and ``blank`` empty ones after them."""
    rows = []
    for n in range(1, EVIDENCE_MAX + 1):
        kind, note, url = (form.raw(f"{name}_{n}") for name in _ITEM)
        if note or url:
            rows.append(EvidenceRow(n, kind or "statement", note, url))
    room = min(blank, EVIDENCE_MAX - len(rows))
    rows += [EvidenceRow(len(rows) + n, "photo", "", "") for n in range(1, room + 1)]
    return tuple(rows)


def is_answered(form: Form, at: Setting) -> bool:
    """Whether somebody said how many pieces of any line."""
    return any(form.raw(pieces_field(line.line_id)) for line in at.custody.order.lines)


def open_lines(visit: Visit, at: Setting, reason: str) -> tuple[Line, ...]:
    """The lines for which something can be asked for that reason."""
    return tuple(
        line
        for line in at.custody.order.lines
        if any(option.open for option in claims.judged(visit, at, reason, claims.claimable(at, line, reason)))
    )


def units(form: Form, at: Setting, lines: tuple[Line, ...], reason: str) -> tuple[Unit, ...]:
    """The pieces asked about: of each line the first free ones. Says in ``form`` what is wrong."""
    chosen: list[Unit] = []
    for line in lines:
        free = claims.claimable(at, line, reason)
        name = pieces_field(line.line_id)
        if form.raw(name) in ("", "0"):
            continue
        typed = form.raw(name)
        if not typed.isdecimal() or int(typed[:9]) > len(free):
            form.wrong(name, N_("Enter a number from 0 to %(most)s."), most=form.words.number(len(free)))
        else:
            chosen += free[: int(typed[:9])]
    if not chosen and not form.errors and lines:
        form.wrong(pieces_field(lines[0].line_id), N_("Choose at least one item."))
    return () if form.errors else tuple(chosen)


def read(
    form: Form,
    at: Setting,
    option: Option,
    chosen: tuple[Unit, ...],
    *,
    draft: bool,
    stock: Replacements | None = None,
) -> Claim | None:
    """The claim of a filled form; None where something is missing or wrong. A draft may lack everything.

    ``stock`` is what the goods can be exchanged for; without it nobody knows.
    """
    currency = at.custody.order.currency
    amount, variant, difference = option.amount, "", 0
    if option.remedy == "partial":
        skipped = draft and not form.raw("amount")
        amount = 0 if skipped else form.amount("amount", currency, option.amount)
    if option.remedy == "exchange":
        missing = N_("Say what you want instead, for example another size.")
        variant = form.text("variant", "" if draft else missing, 200)
        amount = option.amount if variant else 0
        if variant and stock is not None and stock.in_stock(variant) is False and not draft:
            form.wrong("variant", N_("That is sold out. Choose one that is in stock, or something else."))
        if variant and stock is not None and at.terms[chosen[0].line_id].has("exchange.pay_by"):
            # What it costs less is the seller's to offer.
            difference = max(0, stock.difference(variant))
    story = form.text("story", "" if draft else N_("Say what happened, in your own words."))
    items = _evidence(form, at)
    if form.errors:
        return None
    wanted = Remedy(
        amount=amount,
        goods=option.goods,
        exchange_variant=variant,
        freight_payer=option.freight_payer,
        difference=difference,
    )
    return Claim(reason=form.raw("reason"), units=chosen, wanted=wanted, story=story, evidence=items)


def undecided(form: Form, at: Setting, chosen: tuple[Unit, ...]) -> Claim | None:
    """A draft whose remedy is still to be chosen; None where something typed is wrong."""
    story, items = form.text("story"), _evidence(form, at)
    if form.errors:
        return None
    return Claim(reason=form.raw("reason"), units=chosen, wanted=Remedy(0), story=story, evidence=items)


def _evidence(form: Form, at: Setting) -> tuple[EvidenceItem, ...]:
    """The pieces of evidence, words first, then files; what the draft has already stays as it is."""
    kept = at.draft.evidence if at.draft else ()
    known = {(item.kind, item.note, item.url) for item in kept}
    items = []
    for n in range(1, EVIDENCE_MAX + 1):
        kind, url = form.raw(f"kind_{n}") or "statement", form.text(f"url_{n}", most=500)
        note = form.text(f"evidence_{n}")
        if not note and not url:
            continue
        if (kind, note, url) not in known:
            _check(form, n, kind, note, url)
        items.append(EvidenceItem(by=Role.BUYER, kind=kind, note=note, at=form.now, url=url))
    drafted = {item.file.file_id: item for item in kept if item.file is not None}
    sent = form.file_items(Role.BUYER)
    return (*items, *(drafted.get(item.file.file_id, item) if item.file else item for item in sent))


def _check(form: Form, n: int, kind: str, note: str, url: str) -> None:
    if url and not url.startswith("https://"):
        form.wrong(f"url_{n}", N_("Enter an address that starts with https://"))
    if not note:
        form.wrong(f"evidence_{n}", N_("Say what the link shows."))
    if kind not in vocabulary.EVIDENCE_KINDS:
        form.wrong(f"kind_{n}", N_("Choose a kind of evidence."))


def of_draft(visit: Visit, at: Setting, draft: Case) -> Mapping[str, list[str]]:
    """A saved draft as the fields of its pages; what was not decided yet is left out."""
    counts: dict[str, int] = {}
    for unit in draft.units:
        name = pieces_field(unit.line_id)
        counts[name] = counts.get(name, 0) + 1
    amount = draft.wanted.amount
    values = {
        "reason": draft.reason,
        "remedy": _remedy(visit, at, draft),
        "amount": visit.words.amount_field(amount, draft.currency) if amount else "",
        "variant": draft.wanted.exchange_variant,
        "story": draft.story,
        "draft": draft.case_id,
        **{name: str(count) for name, count in counts.items()},
    }
    told = [item for item in draft.evidence if item.file is None]
    for n, item in enumerate(told, 1):
        values |= {f"kind_{n}": item.kind, f"evidence_{n}": item.note, f"url_{n}": item.url}
    files = [item.file.file_id for item in draft.evidence if item.file is not None]
    return {FILE_ID: files, **{name: [value] for name, value in values.items()}}


def _remedy(visit: Visit, at: Setting, draft: Case) -> str:
    wanted = draft.wanted
    if wanted.exchange_variant:
        return "exchange"
    if not wanted.amount:
        return ""
    if wanted.goods is Goods.RETURN:
        return "return"
    offered = claims.judged(visit, at, draft.reason, draft.units)
    full = next((o for o in offered if o.remedy == "refund" and o.open), None)
    return "refund" if full is not None and wanted.amount >= full.amount else "partial"
