"""The pages of a claim, one question each, and which of them comes next.

What happened, which items, what you would like, the details, check your answers. A question that has only
one answer is left out.
"""

from typing import Any
from urllib.parse import urlencode

from litestar import Response

from amends.application.exchanges import Replacements
from amends.domain.burden import first_need
from amends.domain.cases.model import Goods, Kind
from amends.domain.evidence import kind_of
from amends.domain.orders import Line, Unit
from amends.domain.parties import Role
from amends.domain.policy.options import Option
from amends.domain.policy.uploads import limits_of
from amends.domain.reasons import REASONS
from amends.interfaces.web import answers, reason_tree, vocabulary
from amends.interfaces.web import claim as claims
from amends.interfaces.web.evidence_cards import Meter, meters
from amends.interfaces.web.evidence_intake import Received, upload_of
from amends.interfaces.web.forms import Form
from amends.interfaces.web.searching import QUERY_MAX
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_STEPS = ("reason", "units", "remedy", "details", "check")


class Wizard:
    """One visit to the pages of one claim: what was answered so far, and the next question."""

    def __init__(
        self, visit: Visit, at: claims.Setting, form: Form, got: Received | None = None, *, posted: bool
    ) -> None:
        self.visit = visit
        self.at = at
        self.form = form
        self.got = got or Received()
        self.order = at.custody.order
        self.here = f"/orders/{self.order.order_id}/claim"
        # What was typed at length cannot ride in an address.
        self.posted = posted
        given = REASONS.get(form.raw("reason"))
        valid = given is not None and given.kind is Kind.CLAIM and given.who_asks is Role.BUYER
        self.reason = given if valid else None
        self.asked_line = self.order.line(form.raw("line"))
        self.stock: Replacements | None = None

    async def look_at_stock(self) -> "Wizard":
        """Learn what the goods can be exchanged for, where that is asked."""
        units = self.units() if self.form.raw("remedy") == "exchange" else ()
        if units:
            self.stock = await self.visit.parts.exchanges.replacements(self.order, units)
        return self

    def lines(self) -> tuple[Line, ...]:
        """The lines something can be asked about for the reason given."""
        return answers.open_lines(self.visit, self.at, self.reason.code) if self.reason else ()

    def units(self) -> tuple[Unit, ...]:
        """The pieces chosen, or the only ones there are to choose; none while that is open."""
        if self.reason is None:
            return ()
        lines = self.lines()
        if not lines:
            # Nothing can be asked about: the next page says for what and why.
            line = self.asked_line or self.order.lines[0]
            return claims.probed(self.at, line, self.reason.code)
        if answers.is_answered(self.form, self.at):
            return answers.units(self.form, self.at, lines, self.reason.code)
        only = [unit for line in lines for unit in claims.claimable(self.at, line, self.reason.code)]
        return tuple(only) if len(only) == 1 else ()

    def options(self, units: tuple[Unit, ...]) -> tuple[Option, ...]:
        """Every remedy for the units and the reason, open or closed."""
        return claims.judged(self.visit, self.at, self.reason.code, units) if self.reason and units else ()

    def chosen(self, offered: tuple[Option, ...]) -> Option | None:
        """The remedy chosen, if it is open."""
        return next((o for o in offered if o.open and o.remedy == self.form.raw("remedy")), None)

    def next(self, at_least: str = "") -> Response[str]:
        """The first question without an answer; ``at_least`` names a later one that is to be shown."""
        if self.reason is None:
            return self.ask_reason()
        units = self.units()
        if not units:
            return self.ask_units()
        offered = self.options(units)
        option = self.chosen(offered)
        if option is None:
            return self.ask_remedy(units, offered)
        if at_least != "check":
            return self.ask_details(units, option)
        read = answers.read(self.form, self.at, option, units, draft=False, stock=self.stock)
        return self.ask_details(units, option) if read is None else self.check(units, option, read)

    def shown(self, step: str) -> Response[str] | None:
        """The question that was asked for, or the first without an answer; None where none is left."""
        if self.reason is None or step == "reason":
            return self.ask_reason()
        units = () if step == "units" else self.units()
        if not units:
            return self.ask_units()
        offered = self.options(units)
        option = None if step == "remedy" else self.chosen(offered)
        if option is None:
            return None if step == "draft" else self.ask_remedy(units, offered)
        if step in ("details", "more"):
            return self.ask_details(units, option, blank=1 if step == "more" else 0)
        if step not in ("check", "send", "draft"):
            return self.next("check" if self.form.raw("story") else "")
        return None

    def ask_reason(self) -> Response[str]:
        """What happened?"""
        form, query = self.form, self.form.raw("q")[:QUERY_MAX]
        if form.raw("asked") == "reason" and self.reason is None:
            form.wrong("reason", N_("Choose what is wrong."))
        lines = (self.asked_line,) if self.asked_line else self.order.lines
        return self._page(
            "reason",
            query=query,
            families=reason_tree.families(self.visit, self.at, lines, query),
            subject=self.asked_line or (self.order.lines[0] if len(self.order.lines) == 1 else None),
            taken=not any(claims.claimable(self.at, line, "quality.defective") for line in self.order.lines),
        )

    def ask_units(self) -> Response[str]:
        """Which items, and how many of each?"""
        reason = self.reason.code if self.reason else ""
        rows = []
        for line in self.order.lines:
            free = claims.claimable(self.at, line, reason)
            offered = claims.judged(self.visit, self.at, reason, claims.probed(self.at, line, reason))
            name = answers.pieces_field(line.line_id)
            asked = len(free) if line == self.asked_line else 0
            rows.append(
                {
                    "line": line,
                    "name": name,
                    "most": len(free),
                    "closed": claims.all_closed(self.visit, offered),
                    "value": self.form.raw(name) or (str(asked) if self.form.raw("asked") != "units" else ""),
                    "price": self._paid(line.units[0].paid),
                }
            )
        rows.sort(key=lambda row: bool(row["closed"]))
        return self._page("units", rows=rows)

    def ask_remedy(self, units: tuple[Unit, ...], offered: tuple[Option, ...]) -> Response[str]:
        """What would you like? Every remedy with its terms, and why the closed ones are closed."""
        reason = self.reason.code if self.reason else ""
        if self.form.raw("remedy") or self.form.raw("asked") == "remedy":
            self.form.wrong("remedy", N_("Choose one of the remedies that are open."))
        return self._page(
            "remedy",
            cards=claims.cards(self.visit, self.at, offered, reason),
            apart=not any(option.open for option in offered)
            and claims.apart(self.visit, self.at, reason, units),
            **self._so_far(units),
        )

    def _card(self, option: Option) -> claims.OptionCard:
        reason = self.reason.code if self.reason else ""
        return claims.cards(self.visit, self.at, (option,), reason)[0]

    def ask_details(
        self, units: tuple[Unit, ...], option: Option, *, blank: int = 0, status: int = 0
    ) -> Response[str]:
        """What happened in your own words, how much, and what shows it."""
        words, currency = self.visit.words, self.order.currency
        suggested = option.suggested[0] if option.suggested else 0
        evidence = self.reason.evidence if self.reason else ()
        rows = answers.evidence_rows(self.form)
        return self._page(
            "details",
            status=status,
            option=option,
            card=self._card(option),
            amount=self.form.raw("amount") or (words.amount_field(suggested, currency) if suggested else ""),
            most=words.money(option.amount, currency),
            variants=self._variants() if option.remedy == "exchange" else (),
            suffices=words.listing(
                [words.say(vocabulary.EVIDENCE_KINDS_WITHIN[kind]) for kind in evidence], "or"
            ),
            kinds=[(kind, words.say(title)) for kind, title in vocabulary.EVIDENCE_KINDS.items()],
            needs=self._needs(option),
            rows=answers.evidence_rows(self.form, blank=max(blank, 0 if rows else 1)),
            upload=upload_of(
                self.visit,
                self.order.order_id,
                limits_of(self.at.terms[units[0].line_id]),
                self.got,
            ),
            room=len(rows) + blank < answers.EVIDENCE_MAX,
            **self._so_far(units),
        )

    def _variants(self) -> list[tuple[str, str, bool]]:
        """The forms the stock has: what to send, the words for it, and whether it can be chosen."""
        stock, words = self.stock, self.visit.words
        if stock is None or not stock.known:
            return []
        found = []
        for one in stock.variants:
            there = bool(stock.in_stock(one.variant))
            more = stock.difference(one.variant)
            price = (
                words.say(N_("%(amount)s more"), amount=self._paid(more))
                if more > 0
                else words.say(N_("%(amount)s less"), amount=self._paid(-more))
                if more < 0
                else words.say(N_("same price"))
            )
            left = words.count("%(number)s in stock", "%(number)s in stock", one.available)
            said = f"{left}, {price}" if there else words.say(N_("sold out"))
            found.append((one.variant, said, there))
        return found

    def _needs(self, option: Option) -> tuple[Meter, ...]:
        """The evidence meter of the claim to be."""
        if self.reason is None:
            return ()
        sent = tuple(kind_of(file.media_type) for file in self.got.files)
        need = first_need(self.reason.code, self.order, sent, option.deadline)
        return meters(self.visit, (need,))

    def check(self, units: tuple[Unit, ...], option: Option, read: answers.Claim) -> Response[str]:
        """Check your answers."""
        words, silence = self.visit.words, None
        terms = self.at.terms[units[0].line_id]
        if terms.has("negotiation.seller_response", read.reason):
            silence = terms.clauses.get(terms.get("negotiation.seller_response", read.reason).clause)
        return self._page(
            "check",
            option=option,
            card=self._card(option),
            wanted=self.visit.teller(self.order).remedy(read.wanted),
            returned=read.wanted.goods is Goods.RETURN,
            read=read,
            proofs=[
                (words.say(vocabulary.EVIDENCE_KINDS[item.kind]), item.note, item.url)
                for item in read.evidence
                if item.file is None
            ],
            files=self.got.cards(self.visit),
            silence=silence,
            **self._so_far(units),
        )

    def _so_far(self, units: tuple[Unit, ...]) -> dict[str, Any]:
        words = self.visit.words
        counts: dict[str, int] = {}
        for unit in units:
            counts[unit.line_id] = counts.get(unit.line_id, 0) + 1
        pieces = []
        for line_id, count in counts.items():
            line = self.order.line(line_id)
            title = line.title if line else line_id
            many = words.count("%(number)s piece", "%(number)s pieces", count)
            several = words.say(N_("%(item)s (%(pieces)s)"), item=title, pieces=many)
            pieces.append(several if count > 1 else title)
        reason = words.say(vocabulary.REASONS[self.reason.code]) if self.reason else ""
        return {"reason": reason, "pieces": pieces, "about": words.listing(pieces)}

    def _paid(self, amount: int) -> str:
        return self.visit.words.money(amount, self.order.currency)

    def _page(self, step: str, *, status: int = 0, **context: Any) -> Response[str]:
        kept = answers.kept(self.form, self.at)
        free = sum(
            len(claims.claimable(self.at, line, self.reason.code if self.reason else "quality.defective"))
            for line in self.order.lines
        )
        steps = _STEPS if free > 1 else tuple(each for each in _STEPS if each != "units")
        shown = {name: kept[name] for name in kept if len(kept[name]) < 200 and name != "story"}
        return self.visit.page(
            f"claim_{step}.html",
            status or (422 if self.form.errors else 200),
            order=self.order,
            form=self.form,
            kept=kept,
            file_ids=self.got.ids,
            asks=self.here,
            back=f"{self.here}?{urlencode({n: v for n, v in shown.items() if n in ('line', 'draft')})}",
            typed=self.posted,
            number=(steps.index(step) if step in steps else 1) + 1,
            steps=len(steps),
            **context,
        )
