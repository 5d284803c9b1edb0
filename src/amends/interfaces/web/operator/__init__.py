"""What operators see: the marketplace at a glance, figures, what needs a hand, what happened, the clock."""

from litestar import Router

from amends.interfaces.web.operator.account_journal import account_journal
from amends.interfaces.web.operator.analytics import analytics, analytics_csv
from amends.interfaces.web.operator.clock import clock, move
from amends.interfaces.web.operator.cover import cover, cover_csv
from amends.interfaces.web.operator.held_payouts import answer_hold, held_payouts
from amends.interfaces.web.operator.journal import journal
from amends.interfaces.web.operator.lab import act, changes_csv, lab, run_page, side_by_side, start
from amends.interfaces.web.operator.order_money import act_on_money, dispute_evidence, order_money
from amends.interfaces.web.operator.oversight import mediation
from amends.interfaces.web.operator.overview import overview
from amends.interfaces.web.operator.people import decide, people, person
from amends.interfaces.web.operator.reconciliation import (
    deal_with,
    put_aside,
    reconciliation,
    run_again,
)
from amends.interfaces.web.operator.refunds import refunds
from amends.interfaces.web.operator.seasons import add, seasons
from amends.interfaces.web.operator.statements import act_on_statement
from amends.interfaces.web.operator.studio import begin, studio
from amends.interfaces.web.operator.studio_editing import (
    clause_page,
    save_clause,
    save_text,
    text_file,
    text_page,
)
from amends.interfaces.web.operator.studio_preview import preview
from amends.interfaces.web.operator.studio_version import act as act_on_version
from amends.interfaces.web.operator.studio_version import version_page

routes = Router(
    "/",
    route_handlers=[
        clock,
        move,
        overview,
        analytics,
        analytics_csv,
        journal,
        account_journal,
        people,
        person,
        decide,
        mediation,
        refunds,
        held_payouts,
        answer_hold,
        reconciliation,
        run_again,
        deal_with,
        put_aside,
        order_money,
        act_on_money,
        dispute_evidence,
        act_on_statement,
        lab,
        start,
        run_page,
        act,
        changes_csv,
        side_by_side,
        studio,
        begin,
        version_page,
        act_on_version,
        text_page,
        save_text,
        text_file,
        clause_page,
        save_clause,
        preview,
        seasons,
        add,
        cover,
        cover_csv,
    ],
)
