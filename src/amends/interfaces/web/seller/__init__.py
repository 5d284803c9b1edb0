"""What sellers see: their inbox, answers in bulk, offers with their cost, money, figures and policy."""

from litestar import Router

from amends.interfaces.web.seller import (
    bulk,
    cancelling,
    inbox,
    money,
    offers,
    policy,
    record,
    statistics,
)

routes = Router(
    "/",
    route_handlers=[
        cancelling.cancel,
        inbox.inbox,
        bulk.review,
        bulk.carry_out,
        offers.preview,
        money.money,
        statistics.statistics,
        policy.policy,
        policy.publish,
        record.record,
    ],
)
