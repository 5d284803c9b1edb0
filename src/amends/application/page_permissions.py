"""Who may open which page: every route of the pages has a line here, and what has none is not there.

The same roles as in `amends.application.permissions`, which decides for the API; whose orders and cases
somebody sees is decided there for both.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from amends.application.permissions import Access
from amends.application.ports.accounts import Account, Member
from amends.domain.parties import Role


class Page(msgspec.Struct, frozen=True):
    """``roles`` may open it; ``acts``: it changes something that is not one's own, so viewers may not;
    ``owner``: of a seller's team the owners alone.
    """

    roles: frozenset[Role] | Access
    acts: bool = False
    owner: bool = False


class Verdict(StrEnum):
    """What becomes of a request for a page."""

    COME_IN = "come_in"
    SIGN_IN = "sign_in"
    LOOK_ONLY = "look_only"
    NOT_THERE = "not_there"


_B, _S, _M, _O = Role.BUYER, Role.SELLER, Role.MEDIATOR, Role.OPERATOR
_OPEN = Page(Access.OPEN)
_EVERYBODY = Page(frozenset({_B, _S, _M, _O}))
_KEYS = Page(frozenset({_S, _O}), owner=True)
_TEAM = Page(frozenset({_S}))
_OWNER = Page(frozenset({_S}), owner=True)


def _see(*roles: Role) -> Page:
    return Page(frozenset(roles))


def _act(*roles: Role) -> Page:
    return Page(frozenset(roles), acts=True)


PAGES: Mapping[str, Page] = {
    # Coming in
    "GET /": _OPEN,
    "POST /sign-in": _OPEN,
    "POST /sign-in/password": _OPEN,
    "GET /sign-in/provider": _OPEN,
    "GET /sign-in/provider/back": _OPEN,
    "POST /sign-out": _OPEN,
    "GET /hand-over": _OPEN,
    "POST /hand-over": _OPEN,
    "GET /forgotten": _OPEN,
    "POST /forgotten": _OPEN,
    "GET /reset/{token}": _OPEN,
    "POST /reset/{token}": _OPEN,
    "GET /invitation/{token}": _OPEN,
    "POST /invitation/{token}": _OPEN,
    "POST /theme": _OPEN,
    "POST /language": _OPEN,
    "GET /{path}": _OPEN,
    "GET /find": _EVERYBODY,
    "GET /live/{stream}": _EVERYBODY,
    # One's own account
    "GET /account": _EVERYBODY,
    "POST /account/profile": _EVERYBODY,
    "POST /account/password": _EVERYBODY,
    "GET /account/sessions": _EVERYBODY,
    "POST /account/sessions": _EVERYBODY,
    "GET /account/known": _see(_B),
    "POST /account/known/{sign}": _see(_B),
    "GET /account/keys": _KEYS,
    "POST /account/keys": _KEYS,
    "POST /account/keys/revoke": _KEYS,
    "GET /account/team": _TEAM,
    "POST /account/team/invite": _OWNER,
    "POST /account/team/change": _OWNER,
    # Help
    "GET /help": _OPEN,
    "GET /help/articles/{article_id}": _OPEN,
    "GET /help/guide": _see(_B),
    "GET /support": _OPEN,
    "POST /support": _see(_B, _S, _M),
    "POST /support/files": _see(_B, _S, _M, _O),
    "GET /support/{conversation_id}": _see(_B, _S, _M),
    "POST /support/{conversation_id}": _see(_B, _S, _M),
    "GET /desk": _see(_O),
    "GET /desk/write": _see(_O),
    "POST /desk/write": _act(_O),
    "GET /desk/{conversation_id}": _see(_O),
    "POST /desk/{conversation_id}/{action}": _act(_O),
    # Orders
    "GET /orders": _see(_B, _S, _O),
    "GET /orders/{order_id}": _see(_B, _S, _M, _O),
    "POST /orders/{order_id}/receipt": _act(_B),
    "GET /orders/{order_id}/cancellation": _see(_B),
    "POST /orders/{order_id}/cancellation": _act(_B),
    "POST /orders/{order_id}/cancel-by-seller": _act(_S),
    "GET /orders/{order_id}/lines/{line_id}/claim": _see(_B),
    "GET /orders/{order_id}/lines/{line_id}/why": _see(_B, _S, _M, _O),
    "GET /orders/{order_id}/withdrawal": _see(_B),
    "POST /orders/{order_id}/extension": _act(_S),
    "POST /orders/{order_id}/extension-answer": _act(_B),
    "GET /guarantees": _OPEN,
    "POST /orders/{order_id}/withdrawal": _act(_B),
    "GET /orders/{order_id}/withdrawal/{case_id}": _see(_B),
    "GET /orders/{order_id}/withdrawal/{case_id}/receipt.txt": _see(_B),
    "GET /orders/{order_id}/claim": _see(_B),
    "POST /orders/{order_id}/claim": _act(_B),
    "GET /orders/{order_id}/money": _see(_O),
    "POST /orders/{order_id}/money/{action}": _act(_O),
    "POST /orders/{order_id}/files": _act(_B, _S, _M, _O),
    "GET /orders/{order_id}/messages": _see(_B, _S, _M, _O),
    "POST /orders/{order_id}/messages": _act(_B, _S, _M, _O),
    "GET /files/{file_id}/{part}": _see(_B, _S, _M, _O),
    # Cases
    "GET /cases": _see(_B, _S, _M, _O),
    "GET /cases/{case_id}": _see(_B, _S, _M, _O),
    "POST /cases/{case_id}/{action}": _act(_B, _S, _M, _O),
    "GET /cases/{case_id}/file.pdf": _see(_B, _S, _M, _O),
    "GET /cases/{case_id}/file.zip": _see(_B, _S, _M, _O),
    "GET /cases/{case_id}/similar-orders": _see(_M, _O),
    "POST /cases/{case_id}/similar-orders": _act(_O),
    "GET /cases/{case_id}/return": _see(_B, _S, _M, _O),
    "GET /cases/{case_id}/return/carrier-claim.pdf": _see(_B, _S, _M, _O),
    "GET /cases/{case_id}/return/code.svg": _see(_B, _S, _M, _O),
    "GET /cases/{case_id}/return/label.pdf": _see(_B, _S, _M, _O),
    "GET /cases/{case_id}/return/packing-list.pdf": _see(_B, _S, _M, _O),
    "POST /cases/{case_id}/return/label": _act(_B, _S),
    "POST /cases/{case_id}/exchange/payment": _act(_B),
    "GET /cases/{case_id}/hidden-limit": _see(_B, _S),
    "POST /cases/{case_id}/hidden-limit/{deed}": _act(_B, _S),
    "GET /my-returns": _see(_B),
    "GET /my-returns.csv": _see(_B),
    "GET /my-refunds": _see(_B),
    # A shop
    "GET /inbox": _see(_S),
    "POST /inbox/review": _act(_S),
    "POST /inbox/answers": _act(_S),
    "POST /inbox/offers/{case_id}": _act(_S),
    "GET /money": _see(_S),
    "GET /statistics": _see(_S),
    "GET /policy": _see(_S),
    "POST /policy": _act(_S),
    "GET /sellers/{seller_id}": _OPEN,
    "GET /webhooks": _KEYS,
    "POST /webhooks": _KEYS,
    "GET /webhooks/{endpoint_id}": _KEYS,
    "POST /webhooks/{endpoint_id}": _KEYS,
    # The house
    "GET /overview": _see(_O),
    "GET /analytics": _see(_O),
    "GET /analytics.csv": _see(_O),
    "GET /journal": _see(_O),
    "GET /journal/accounts": _see(_O),
    "GET /people": _see(_O),
    "GET /people/{account_id}": _see(_O),
    "POST /people/{account_id}/{action}": _act(_O),
    "GET /lab": _see(_O),
    "POST /lab": _act(_O),
    "GET /lab/{run_id}": _see(_O),
    "POST /lab/{run_id}/{action}": _act(_O),
    "GET /lab/{run_id}/changes.csv": _see(_O),
    "GET /lab/{run_id}/cases/{case_id}": _see(_O),
    "GET /studio": _see(_O),
    "POST /studio": _act(_O),
    "GET /studio/{pack_id}/{version}": _see(_O),
    "POST /studio/{pack_id}/{version}/{deed}": _act(_O),
    "GET /studio/{pack_id}/{version}/text": _see(_O),
    "POST /studio/{pack_id}/{version}/text": _act(_O),
    "GET /studio/{pack_id}/{version}/file.toml": _see(_O),
    "GET /studio/{pack_id}/{version}/clauses/{clause}": _see(_O),
    "POST /studio/{pack_id}/{version}/clauses/{clause}": _act(_O),
    "GET /studio/{pack_id}/{version}/preview": _see(_O),
    "GET /seasons": _see(_O),
    "POST /seasons": _act(_O),
    "GET /cover": _see(_O),
    "GET /cover.csv": _see(_O),
    "GET /mediation": _see(_M, _O),
    "GET /buyers/{buyer_id}": _see(_M, _O),
    "GET /contests": _see(_O),
    "POST /contests/{contest_id}": _act(_O),
    "GET /stuck-refunds": _see(_O),
    "GET /held-payouts": _see(_O),
    "POST /held-payouts": _act(_O),
    "GET /reconciliation": _see(_O),
    "POST /reconciliation": _act(_O),
    "POST /reconciliation/{difference_id}/{action}": _act(_O),
    "POST /reconciliation/events/{provider}/{event_id}": _act(_O),
    "GET /orders/{order_id}/chargebacks/{dispute_id}/evidence.zip": _see(_O),
    "POST /orders/{order_id}/chargebacks/{dispute_id}/statement": _act(_O),
    # What one is told
    "GET /deadlines": _EVERYBODY,
    "POST /deadlines/calendar": _EVERYBODY,
    "GET /calendar/{name}": _OPEN,
    "GET /notifications": _EVERYBODY,
    "POST /notifications/read": _EVERYBODY,
    "GET /preferences": _EVERYBODY,
    "POST /preferences": _EVERYBODY,
    "GET /unsubscribe/{token}": _OPEN,
    "POST /unsubscribe/{token}": _OPEN,
    "GET /embed/terms": _OPEN,
    # The sandbox
    "GET /clock": _see(_B, _S, _M, _O),
    "POST /clock": _act(_B, _S, _M, _O),
}


def verdict(page: Page | None, account: Account | None) -> Verdict:
    """Whether an account (None: nobody signed in) may open a page (None: one that is not in the table)."""
    if page is None:
        return Verdict.NOT_THERE
    if page.roles is Access.OPEN:
        return Verdict.COME_IN
    if account is None:
        return Verdict.SIGN_IN
    if account.role not in page.roles or (page.owner and account.member is not Member.OWNER):
        return Verdict.NOT_THERE
    return Verdict.LOOK_ONLY if page.acts and not may_act(account) else Verdict.COME_IN


def may_act(account: Account) -> bool:
    """Whether an account may do anything to orders and cases: viewers of a team only look."""
    return account.member is not Member.VIEWER
