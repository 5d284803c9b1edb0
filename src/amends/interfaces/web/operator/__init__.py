"""What operators see: the marketplace at a glance, figures, what needs a hand, what happened, the clock."""

from litestar import Router

from amends.interfaces.web.operator.analytics import analytics, analytics_csv
from amends.interfaces.web.operator.clock import clock, move
from amends.interfaces.web.operator.journal import journal
from amends.interfaces.web.operator.lab import act, changes_csv, lab, run_page, side_by_side, start
from amends.interfaces.web.operator.order_money import act_on_money, order_money
from amends.interfaces.web.operator.oversight import mediation
from amends.interfaces.web.operator.overview import overview
from amends.interfaces.web.operator.refunds import refunds

routes = Router(
    "/",
    route_handlers=[
        clock,
        move,
        overview,
        analytics,
        analytics_csv,
        journal,
        mediation,
        refunds,
        order_money,
        act_on_money,
        lab,
        start,
        run_page,
        act,
        changes_csv,
        side_by_side,
    ],
)
