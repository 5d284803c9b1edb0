"""V7: one decision and the fold of its events, pure: no store, no JSON, no network."""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from amends.domain.cases.commands import Lapse, MakeOffer
from amends.domain.cases.model import Remedy
from amends.domain.conduct import Conducted, conduct
from amends.domain.parties import CLOCK, Actor, Role
from amends.domain.scene import Rules, Scene
from benchmarks.town import RULES, claimed_order, order_id

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def opened() -> tuple[Scene, Rules, str]:
    """One order of the town with its claim, its rules, and the seller."""
    placing, claiming = claimed_order(0, NOW)
    rules = Rules({one.terms_id: one for one in placing.terms}, RULES.calendars)
    scene = Scene(None, {})
    for envelope in (placing, claiming):
        done = conduct(
            scene,
            envelope.command,
            order_id=envelope.order_id,
            case_id="",
            actor=envelope.actor,
            rules=rules,
            now=NOW,
        )
        if not isinstance(done, Conducted):
            raise TypeError(f"the case cannot be opened: {done}")
        scene = done.scene
    return scene, rules, "seller-0"


def decisions() -> dict[str, Callable[[], object]]:
    """The two decisions that are measured: an offer, and the seller's silence."""
    scene, rules, seller = opened()
    case_id = f"{order_id(0)}.1"
    silent = NOW + timedelta(days=30)
    offer = MakeOffer(remedy=Remedy(1000))
    seller_actor = Actor(Role.SELLER, seller)
    place = order_id(0)
    return {
        "offer": lambda: conduct(
            scene, offer, order_id=place, case_id=case_id, actor=seller_actor, rules=rules, now=NOW
        ),
        "silence": lambda: conduct(
            scene, Lapse(), order_id=place, case_id=case_id, actor=CLOCK, rules=rules, now=silent
        ),
    }


def measure(times: int = 20_000) -> dict[str, tuple[float, float]]:
    """Median and ninth decile of each decision, in microseconds."""
    found = {}
    for name, decide in decisions().items():
        if not isinstance(decide(), Conducted):
            raise TypeError(f"{name} is refused: {decide()}")
        taken = []
        for _ in range(times):
            began = time.perf_counter()
            decide()
            taken.append((time.perf_counter() - began) * 1e6)
        found[name] = (statistics.median(taken), statistics.quantiles(taken, n=10)[8])
    return found


def main() -> None:
    """Print V7."""
    for name, (median, decile) in measure().items():
        print(f"V7 {name}: median {median:.1f} us, ninth decile {decile:.1f} us (goal: at most 20)")


if __name__ == "__main__":
    main()
