"""A small invented marketplace for tests: one order, its rules, and people who act on it."""

from datetime import UTC, datetime, timedelta

from amends.adapters.calendars import CALENDARS
from amends.adapters.packs import load
from amends.domain.cases.model import Case
from amends.domain.chain import Recorded
from amends.domain.conduct import AnyCommand, Conducted, conduct
from amends.domain.custody import commands as oc
from amends.domain.custody.model import Custody
from amends.domain.orders import Components, Line, Method, Order, Parcel, Signal, Tender, Tier, TrackingEvent
from amends.domain.parties import CLOCK, Actor, Role
from amends.domain.policy.clauses import Facts
from amends.domain.policy.terms import resolve
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



def terms_for(category: str = "home", currency: str = "EUR", tier: Tier = Tier.STANDARD):
    return resolve(
        PACKS,
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

    def __init__(self, order: Order | None = None) -> None:
        order = order or an_order()
        self.order_id = order.order_id
        self.now = order.placed_at
        terms = [terms_for(line.category, order.currency, order.buyer_tier) for line in order.lines]
        self.rules = Rules({t.terms_id: t for t in terms}, CALENDARS)
        self.scene = Scene(None, {})
        self.log: list[Recorded] = []
        self.case_id = ""
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
        return done

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
        while True:
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
            from amends.domain.cases.commands import Lapse

            if case_id:
                self.must(Lapse(), CLOCK, case_id=case_id)
            else:
                self.must(oc.LapseOrder(), CLOCK, on_order=True)

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

    @classmethod
    def delivered(cls, order: Order | None = None) -> "Market":
        market = cls(order)
        market.wait(days=1)
        market.ship()
        market.wait(days=3)
        market.deliver()
        return market
