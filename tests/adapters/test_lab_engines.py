"""The policy lab on processes and on Ray: the same past, the same answer."""

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.application.test_lab import HASTY, HEAD
from tests.contract.stores import DELIVERED, claimed, done, offer, to
from tests.domain.marketplace import BUYER, PROVIDER, SELLER

from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.store import PostgresStore
from amends.application.ports.lab import LabRun
from amends.application.replay import ReplayClock
from amends.bootstrap.lab import lab_of
from amends.domain.cases.commands import AcceptOffer, ConfirmRefund

ray = pytest.importorskip("ray", reason="the extra `ray` is not installed")
LATER = DELIVERED + timedelta(hours=30)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Ray of this machine's own, that asks nobody anything and tells nobody anything."""
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    yield
    assert "RAY_ADDRESS" not in os.environ


@pytest.mark.row("X2")
@pytest.mark.usefixtures("alone")
async def test_ray_gives_what_this_process_gives(database_url: str) -> None:
    pool = await open_pool(database_url, 2)
    store = PostgresStore(pool)
    ids = [f"o{number}" for number in range(6)]
    await claimed(store, ids)
    for order_id in ids:
        case_id = f"{order_id}.1"
        await done(store, to(order_id, offer(1500), SELLER, case_id), now=LATER)
        await done(store, to(order_id, AcceptOffer(), BUYER, case_id), now=LATER + timedelta(hours=2))
        paid = to(order_id, ConfirmRefund(refund_id=f"{case_id}-r1"), PROVIDER, case_id)
        await done(store, paid, now=LATER + timedelta(days=2))
    lab = lab_of(pool, database_url, ("default",), ReplayClock(LATER + timedelta(days=30)), processes=1)
    found: dict[str, LabRun] = {}
    try:
        for engine in ("processes", "ray"):
            run, runner = await lab.start(HEAD + HASTY, "draft.toml", by="operator:kaya", engine=engine)
            async for standing in lab.work(run, runner):
                run = standing
            found[engine] = run
            page = await lab.changes(run.run_id)
            assert len(page.pairs) == run.tally.changed == len(ids)
        assert found["ray"].state == "done"
        assert found["ray"].tally == found["processes"].tally
        one, other = [await lab.changes(found[engine].run_id) for engine in found]
        assert one == other
    finally:
        await pool.close()
    assert not ray.is_initialized()
