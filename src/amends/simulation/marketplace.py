"""The simulated marketplace: ninety days of orders and cases, and something to do for everybody today."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec

from amends.application.ports import OrderFilter
from amends.application.replay import Happening, World
from amends.domain.policy.stack import Pack
from amends.simulation import asking
from amends.simulation.people import cast
from amends.simulation.pictures import Drawn, illustrated
from amends.simulation.play import NotDone, Play
from amends.simulation.script import Script, Stage
from amends.simulation.tales import (
    cancellations,
    deliveries,
    exchanges,
    hearings,
    missing,
    negotiations,
    parcels,
    postage,
    refunds,
    returning,
    ways_back,
)
from amends.simulation.voices import Voices

SPAN = timedelta(days=91)
"""How long before now the first order may lie: a world's clock starts no later than that."""

_TALES = (
    cancellations,
    negotiations,
    hearings,
    returning,
    refunds,
    deliveries,
    exchanges,
    postage,
    ways_back,
    missing,
    parcels,
)


class Populated(msgspec.Struct, frozen=True, kw_only=True):
    """What was played: orders, commands carried out or refused, and those refused."""

    orders: int = 0
    commands: int = 0
    not_done: tuple[NotDone, ...] = ()


def scripts(packs: Sequence[Pack], *, seed: int, now: datetime) -> tuple[Script, ...]:
    """What will be played: the same for the same seed, packs and present.

    Raises `LookupError` when no pack was in force ninety days ago.
    """
    stage = stage_of(packs, seed=seed, now=now)
    return tuple(script for tale in _TALES for script in tale.scripts(stage))


def stage_of(packs: Sequence[Pack], *, seed: int, now: datetime) -> Stage:
    """Where it plays: the same for the same seed, packs and present."""
    random = Random(f"marketplace/{seed}")  # noqa: S311  a play's dice, not a secret
    numbers = iter(random.sample(range(100_000, 1_000_000), 1000))
    return Stage(
        now=now.astimezone(UTC).replace(microsecond=0),
        cast=cast(seed),
        packs=tuple(packs),
        random=random,
        order_ids=(f"AM-{number}" for number in numbers),
    )


async def populate(
    world: World,
    packs: Sequence[Pack],
    *,
    seed: int,
    now: datetime,
    on_progress: Callable[[int, int], None] | None = None,
    hang: Callable[[Drawn], Awaitable[None]] | None = None,
    voices: Voices | None = None,
) -> Populated:
    """Play ninety days that end ``now``. A store that has orders is left alone: nothing is played then.

    The clock of ``world`` stands no later than ``now - SPAN``, its ``submit`` decides by that clock, its
    errands know the sandbox provider and `amends.simulation.banks.banks`, and nobody else acts in the store
    meanwhile. Everything is done by commands; one that is refused is told in the result and stops nothing.
    ``hang`` keeps the files that are drawn for people's evidence; without it there are none. ``voices`` is
    what people talk by, to each other and to support; without it nobody says a word.
    ``on_progress`` hears how many happenings are done, of how many. Raises what the store raises.
    """
    if (await world.reader.orders(OrderFilter(), "", 1)).orders:
        return Populated()
    told = scripts(packs, seed=seed, now=now)
    stage = stage_of(packs, seed=seed, now=now)
    asides = [*(aside for script in told for aside in script.asides), *asking.asides(stage, told)]
    happenings: list[Happening] = []
    drawn: list[Drawn] = []
    for script in told:
        if hang is None:
            happenings += script.happenings
            continue
        shown, pictures = illustrated(script.order, script.happenings)
        happenings += shown
        drawn += pictures
    play = Play(world, happenings, asides, voices)
    await play.until(now, on_progress)
    for picture in drawn:
        if hang is not None and picture.file.at <= now:
            await hang(picture)
    return Populated(orders=len(told), commands=play.commands, not_done=tuple(play.not_done))
