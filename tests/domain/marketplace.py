"""A small invented marketplace for tests: one order, its rules, and people who act on it.

Whatever a test does, `Market` checks after each command what must always hold: see `Market.check`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from amends.adapters.calendars import CALENDARS
from amends.adapters.packs import load
from amends.domain.cases import evolve as case_fold
from amends.domain.cases.commands import ConfirmRefund, Lapse
from amends.domain.cases.decide import DEFAULTS
from amends.domain.cases.lifecycle import allowed_moves, allowed_order_moves
from amends.domain.cases.model import Case, RefundStage, State
from amends.domain.chain import Recorded
from amends.domain.conduct import AnyCommand, Conducted, conduct
from amends.domain.custody import commands as oc
from amends.domain.custody import evolve as custody_fold
from amends.domain.custody.events import MoneyMoved
from amends.domain.custody.model import Custody, Stage
from amends.domain.ledger import Account, Transfer, balance_of, check
from amends.domain.orders import Components, Line, Method, Order, Parcel, Signal, Tender, Tier, TrackingEvent
from amends.domain.parties import CLOCK, Actor, Role
from amends.domain.policy.clauses import Facts
from amends.domain.policy.stack import Pack
from amends.domain.policy.terms import Terms, resolve
from amends.domain.refusals import Refused
from amends.domain.scene import Rules, Scene

PLACED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
BUYER = Actor(Role.BUYER, "buyer-nora")
SELLER = Actor(Role.SELLER, "seller-lumen")
MEDIATOR = Actor(Role.MEDIATOR, "mediator-ines")
OTHER_MEDIATOR = Actor(Role.MEDIATOR, "mediator-tomas")
OPERATOR = Actor(Role.OPERATOR, "operator-kaya")
CARRIER = Actor(Role.CARRIER, "carrier-swift")
PROVIDER = Actor(Role.PROVIDER, "sandbox")
PACKS = load(("default",))
_MOVES, _ORDER_MOVES = allowed_moves(), allowed_order_moves()


def terms_for(
    category: str = "home",
    currency: str = "EUR",
    tier: Tier = Tier.STANDARD,
    packs: Sequence[Pack] = PACKS,
) -> Terms:
    return resolve(
        packs,
        Facts(category=category, currency=currency, buyer_tier=tier.value, placed_at=PLACED),
    )


def an_order(
    *,
    order_id: str = "o1",
    quantity: int = 2,
    item: int = 4000,
    shipping: int = 500,
    tenders: tuple[Tender, ...] | None = None,
    category: str = "home",
    currency: str = "EUR",
    tier: Tier = Tier.STANDARD,
    traits: tuple[str, ...] = (),
    placed_at: datetime = PLACED,
) -> Order:
    terms = terms_for(category, currency, tier)
    unit = Components(item=item, shipping=shipping)
    paid = unit.paid * quantity
    return Order(
        order_id=order_id,
        buyer_id=BUYER.id,
        seller_id=SELLER.id,
        currency=currency,
        placed_at=placed_at,
        lines=(Line("l1", "Table lamp Dune", category, (unit,) * quantity, terms.terms_id, traits=traits),),
        tenders=tenders if tenders is not None else (Tender("t1", Method.CARD, paid),),
        buyer_tier=tier,
        buyer_postcode="10115",
    )


class Market:
    """One order with a clock; commands are carried out or their refusal comes back."""

    def __init__(self, order: Order | None = None, *, terms: Terms | None = None) -> None:
        order = order or an_order()
        if terms is not None:
            lines = tuple(replace(line, terms_id=terms.terms_id) for line in order.lines)
            order = replace(order, lines=lines)
        self.order_id = order.order_id
        self.now = order.placed_at
        known = [terms_for(line.category, order.currency, order.buyer_tier) for line in order.lines]
        self.rules = Rules({t.terms_id: t for t in (*known, *([terms] if terms else []))}, CALENDARS)
        self.scene = Scene(None, {})
        self.log: list[Recorded] = []
        self.case_id = ""
        self._custody_fold: Custody | None = None
        self._case_folds: dict[str, Case] = {}
        self.must(oc.PlaceOrder(order=order), OPERATOR, on_order=True)

    @property
    def custody(self) -> Custody:
        assert self.scene.custody is not None
        return self.scene.custody

    @property
    def case(self) -> Case:
        return self.scene.cases[self.case_id]

    def do(
        self, command: AnyCommand, actor: Actor, *, on_order: bool = False, case_id: str = ""
    ) -> Conducted | Refused:
        done = conduct(
            self.scene,
            command,
            order_id=self.order_id,
            case_id="" if on_order else case_id or self.case_id,
            actor=actor,
            rules=self.rules,
            now=self.now,
        )
        if isinstance(done, Conducted):
            self.scene = done.scene
            self.log.extend(done.recorded)
            if done.case_id:
                self.case_id = done.case_id
            self.check(done.recorded)
        return done

    def check(self, recorded: Sequence[Recorded]) -> None:
        """What must hold whatever happens: sound books, snapshots that are the fold of their events, no move
        beside the table, every clause known, a unit in one live case at most, every live case with a way on.
        """
        for one in recorded:
            self._fold(one)
            self._check_event(one)
        custody, cases = self.custody, self.scene.cases
        assert custody == self._custody_fold
        assert dict(cases) == self._case_folds
        assert check(custody.books) == ()
        assert custody.cases == len(cases)
        live = [case for case in cases.values() if case.live]
        taken = [unit for case in live if case.state is not State.DRAFTING for unit in case.units]
        assert len(taken) == len(set(taken))
        for case in live:
            assert case.waiting is not None, case.state
            assert case.waiting.default in DEFAULTS
        if custody.waiting is None and custody.stage not in {Stage.CANCELLED, Stage.PAID_OUT}:
            pending = any(t.purpose == "payout" for t in custody.books.pending.values())
            disputed = any(one.state == "open" for one in custody.chargebacks)
            kept = pending or disputed or any(case.state is not State.DRAFTING for case in live)
            assert kept, custody.stage

    def _fold(self, one: Recorded) -> None:
        if one.stream == self.order_id:
            self._custody_fold = custody_fold.evolve(self._custody_fold, one)
        else:
            self._case_folds[one.stream] = case_fold.evolve(self._case_folds.get(one.stream), one)

    def _check_event(self, one: Recorded) -> None:
        event = one.event
        moves = _ORDER_MOVES if one.stream == self.order_id else _MOVES
        assert (one.from_state, event.state.value) in moves
        assert one.stream == self.order_id or not event.transfers
        clauses = [event.waiting.clause] if event.waiting else []
        clauses += [one.event.settlement.clause] if hasattr(event, "settlement") else []
        clauses += [finding.clause for finding in event.ruling.findings] if hasattr(event, "ruling") else []
        for clause in clauses:
            assert any(clause in terms.clauses for terms in self.rules.terms.values()), (event, clause)

    def must(
        self, command: AnyCommand, actor: Actor, *, on_order: bool = False, case_id: str = ""
    ) -> Conducted:
        done = self.do(command, actor, on_order=on_order, case_id=case_id)
        assert isinstance(done, Conducted), done
        return done

    def open(self, command: AnyCommand, actor: Actor = BUYER) -> Case:
        self.must(command, actor, on_order=True)
        return self.case

    def wait(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    def lapse(self) -> None:
        """Let everything that is due by now happen, order and cases, earliest first."""
        for _ in range(100):
            due = [
                (w.until, case_id)
                for case_id, w in [
                    ("", self.custody.waiting),
                    *((x.case_id, x.waiting) for x in self.scene.cases.values()),
                ]
                if w is not None and w.until <= self.now
            ]
            if not due:
                return
            _, case_id = min(due)
            if case_id:
                self.must(Lapse(), CLOCK, case_id=case_id)
            else:
                self.must(oc.LapseOrder(), CLOCK, on_order=True)
        raise AssertionError("something falls due again and again")

    def to_deadline(self) -> None:
        """Move to the case's deadline and let it lapse."""
        assert self.case.waiting is not None
        self.now = self.case.waiting.until
        self.lapse()

    def ship(self, parcel_id: str = "p1", line_ids: tuple[str, ...] = ()) -> None:
        parcel = Parcel(parcel_id, self.now, "Swift Post", "SW123456789", line_ids)
        self.must(oc.RecordParcel(parcel=parcel), SELLER, on_order=True)

    def deliver(self, parcel_id: str = "p1") -> None:
        scan = TrackingEvent(self.now, Signal.DELIVERED, "DE", "10115")
        self.must(oc.RecordTracking(parcel_id=parcel_id, events=(scan,)), CARRIER, on_order=True)

    def confirm_refunds(self) -> None:
        """The provider confirms every refund of the case that is under way."""
        for refund in self.case.refunds:
            if refund.stage is RefundStage.INITIATED:
                self.must(ConfirmRefund(refund_id=refund.refund_id), PROVIDER)

    def charge_back(self, transfer: Transfer) -> None:
        """The buyer's bank moves money by itself, as the order's books would record it."""
        event = MoneyMoved(
            state=self.custody.stage, waiting=self.custody.waiting, case_id="", transfers=(transfer,)
        )
        recorded = Recorded(
            stream=self.order_id,
            order_id=self.order_id,
            seq=self.custody.seq + 1,
            at=self.now,
            actor=PROVIDER,
            from_state=self.custody.stage.value,
            event=event,
        )
        self.scene = Scene(custody_fold.evolve(self.custody, recorded), self.scene.cases)
        self.log.append(recorded)
        self.check([recorded])

    def books(self) -> dict[str, int]:
        """The accounts that are not at zero, in minor units, without the buyer's tenders."""
        balances = {a.value: balance_of(self.custody.books, a) for a in Account if a is not Account.TENDER}
        return {account: balance for account, balance in balances.items() if balance}

    def refused(
        self, kind: str, command: AnyCommand, actor: Actor, *, on_order: bool = False, case_id: str = ""
    ) -> Refused:
        """The command is refused for that kind of reason, and nothing has changed by it."""
        before = self.scene
        answer = self.do(command, actor, on_order=on_order, case_id=case_id)
        assert isinstance(answer, Refused), answer
        assert answer.kind == kind, answer
        assert self.scene is before
        return answer

    def events(self, case_id: str = "") -> list[str]:
        """The names of the case's events, in order."""
        stream = case_id or self.case_id
        return [type(one.event).__name__ for one in self.log if one.stream == stream]

    @classmethod
    def delivered(cls, order: Order | None = None, *, terms: Terms | None = None) -> "Market":
        market = cls(order, terms=terms)
        market.wait(days=1)
        market.ship()
        market.wait(days=3)
        market.deliver()
        return market
