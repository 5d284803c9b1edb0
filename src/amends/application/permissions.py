"""Who may do what through the API, and whose orders and cases they see; the rest is denied."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from amends.application.ports import KeyRole
from amends.domain.cases.events import RulingProposed, RulingSentBack
from amends.domain.cases.model import Case, Kind, Outcome, State
from amends.domain.custody.events import PayoutHeld, PayoutHoldKept, PayoutHoldReleased
from amends.domain.custody.model import Custody
from amends.domain.parties import Actor, Role

_MARKETPLACE = KeyRole.MARKETPLACE
_BUYER = KeyRole.BUYER
_SELLER = KeyRole.SELLER
_MEDIATOR = KeyRole.MEDIATOR
_OPERATOR = KeyRole.OPERATOR
_CARRIER = KeyRole.CARRIER
_PROVIDER = KeyRole.PROVIDER

_PARTIES = frozenset({_BUYER, _SELLER})
_STAFF = frozenset({_MEDIATOR, _OPERATOR})
_INTAKE = frozenset({_MARKETPLACE, _OPERATOR})
_READERS = frozenset({_MARKETPLACE, _BUYER, _SELLER, _MEDIATOR, _OPERATOR})
_SCANS = frozenset({_MARKETPLACE, _OPERATOR, _CARRIER})
_PROVIDERS = frozenset({_PROVIDER, _OPERATOR})
_HEARERS = frozenset({_MARKETPLACE, _OPERATOR, _SELLER})
EVERYBODY = frozenset(KeyRole)


class Access(StrEnum):
    """Routes that need no key."""

    OPEN = "open"


PERMISSIONS: Mapping[str, frozenset[KeyRole] | Access] = {
    # Orders
    "place_order": _INTAKE,
    "get_order": _READERS,
    "list_orders": frozenset({_MARKETPLACE, _BUYER, _SELLER, _OPERATOR}),
    "place_orders": _INTAKE,
    "record_parcel": frozenset({_MARKETPLACE, _OPERATOR, _SELLER}),
    "record_tracking": _SCANS,
    "record_capture": frozenset({_MARKETPLACE, _OPERATOR, _PROVIDER}),
    "confirm_receipt": frozenset({_BUYER}),
    "offer_extension": frozenset({_SELLER}),
    "answer_extension": frozenset({_BUYER}),
    "cancel_by_seller": frozenset({_SELLER}),
    "list_options": _READERS,
    "get_terms": _READERS,
    "explain_terms": _READERS,
    "get_withdrawal": _READERS,
    "withdraw_from_contract": frozenset({_BUYER}),
    "get_withdrawal_receipt": _READERS,
    "get_worksheet": _READERS,
    "get_ledger": frozenset({_MARKETPLACE, _OPERATOR}),
    "get_order_timeline": _READERS,
    # Cases
    "open_case": frozenset({_BUYER}),
    "list_cases": _READERS,
    "get_case": _READERS,
    "get_case_timeline": _READERS,
    "get_case_refunds": _READERS,
    "get_case_actions": _READERS,
    "get_case_archive": _READERS,
    "get_case_paper": _READERS,
    "list_rulings": _READERS,
    "get_recommendation": _STAFF,
    "list_similar_orders": frozenset({_MARKETPLACE, _MEDIATOR, _OPERATOR}),
    "simulate": frozenset({_BUYER, _SELLER, _MEDIATOR, _OPERATOR}),
    # Evidence
    "send_file": _PARTIES | _STAFF,
    "get_file": _READERS,
    "get_file_content": _READERS,
    "get_file_thumbnail": _READERS,
    "get_file_original": _INTAKE,
    "get_case_needs": _READERS,
    # Hidden limits: each side its own
    "get_blind_limit": _PARTIES,
    "put_blind_limit": _PARTIES,
    "delete_blind_limit": _PARTIES,
    # Sending it back
    "get_return": _READERS,
    "compare_rates": _READERS,
    "list_replacements": _READERS,
    "book_label": frozenset({_BUYER, _SELLER, _MARKETPLACE, _OPERATOR}),
    "get_label": _READERS,
    "get_carrier_claim": _READERS,
    "list_shipments": _READERS,
    "get_parcel_analysis": _READERS,
    # Carriers have no key: their news is signed.
    "receive_carrier_news": Access.OPEN,
    "identify_number": EVERYBODY,
    "normalise_status": EVERYBODY,
    # What somebody does with a case, by the tag of the command
    "edit_draft": frozenset({_BUYER}),
    "submit_draft": frozenset({_BUYER}),
    "make_offer": _PARTIES,
    "accept_offer": _PARTIES,
    "decline_offer": _PARTIES,
    "escalate": _PARTIES,
    "add_evidence": _PARTIES,
    "submit_evidence": _PARTIES,
    "take_case": _STAFF,
    "assign_case": _STAFF,
    "request_evidence": _STAFF,
    "rule": _STAFF,
    "confirm_ruling": _STAFF,
    "accept_ruling": _PARTIES,
    "appeal": _PARTIES,
    "give_instructions": frozenset({_SELLER}),
    "ship_return": frozenset({_BUYER}),
    "issue_label": frozenset({_MARKETPLACE, _OPERATOR}),
    "add_freight_receipt": frozenset({_BUYER}),
    "record_return_scan": _SCANS,
    "inspect_return": frozenset({_SELLER}),
    "accept_rejection": frozenset({_BUYER}),
    "contest_rejection": frozenset({_BUYER}),
    "record_payment": frozenset({_MARKETPLACE, _OPERATOR, _PROVIDER}),
    "decline_exchange": frozenset({_BUYER}),
    "decline_replacement": frozenset({_SELLER, _MARKETPLACE, _OPERATOR}),
    "record_reservation": frozenset({_MARKETPLACE, _OPERATOR}),
    "record_sold_out": frozenset({_MARKETPLACE, _OPERATOR}),
    "ship_replacement": frozenset({_SELLER}),
    "record_replacement_scan": _SCANS,
    "confirm_replacement": frozenset({_BUYER}),
    "confirm_refund": _PROVIDERS,
    "fail_refund": _PROVIDERS,
    "choose_refund_method": frozenset({_BUYER}),
    "withdraw": frozenset({_BUYER}),
    "reopen": frozenset({_OPERATOR}),
    # Sellers
    "get_seller_policy": _READERS,
    "publish_seller_policy": frozenset({_SELLER}),
    "list_seller_policies": _READERS,
    "preview_seller_policy": frozenset({_SELLER}),
    "get_seller_record": _READERS,
    "answer_cases": frozenset({_SELLER}),
    # What stands out about buyers: for people who decide, and for the buyer
    "get_buyer_signals": frozenset({_BUYER, _MEDIATOR, _OPERATOR}),
    "contest_signal": frozenset({_BUYER}),
    "list_signal_contests": frozenset({_OPERATOR}),
    "review_signal_contest": frozenset({_OPERATOR}),
    # Money that goes back beside the cases
    "give_goodwill": frozenset({_OPERATOR}),
    "answer_goodwill": frozenset({_OPERATOR}),
    "receive_provider_event": Access.OPEN,
    "put_event_aside": frozenset({_OPERATOR}),
    "list_provider_events": frozenset({_MARKETPLACE, _OPERATOR}),
    "get_chargeback_evidence": frozenset({_MARKETPLACE, _OPERATOR}),
    "list_statements": frozenset({_MARKETPLACE, _OPERATOR}),
    "send_statement": frozenset({_OPERATOR}),
    "answer_statement": frozenset({_OPERATOR}),
    "list_reconciliations": frozenset({_MARKETPLACE, _OPERATOR}),
    "run_reconciliation": frozenset({_OPERATOR}),
    "list_differences": frozenset({_MARKETPLACE, _OPERATOR}),
    "resolve_difference": frozenset({_OPERATOR}),
    "answer_resolution": frozenset({_OPERATOR}),
    "hold_payout": frozenset({_OPERATOR}),
    "list_holds": frozenset({_MARKETPLACE, _OPERATOR}),
    "answer_hold": frozenset({_OPERATOR}),
    "open_chargeback": frozenset({_MARKETPLACE, _OPERATOR, _PROVIDER}),
    "resolve_chargeback": frozenset({_MARKETPLACE, _OPERATOR, _PROVIDER}),
    # Figures over all orders
    "get_analytics": frozenset({_MARKETPLACE, _OPERATOR}),
    "get_cover": frozenset({_MARKETPLACE, _OPERATOR}),
    "get_consistency": frozenset({_MARKETPLACE, _OPERATOR, _MEDIATOR}),
    # Messages, notices and what is sent out
    "list_messages": _READERS,
    "send_message": frozenset({_BUYER, _SELLER, _MEDIATOR, _OPERATOR}),
    "mark_messages": frozenset({_BUYER, _SELLER, _MEDIATOR, _OPERATOR}),
    "list_notifications": frozenset({_BUYER, _SELLER, _MEDIATOR, _OPERATOR}),
    "read_notifications": frozenset({_BUYER, _SELLER, _MEDIATOR, _OPERATOR}),
    "get_preferences": frozenset({_BUYER, _SELLER, _MEDIATOR, _OPERATOR}),
    "put_preferences": frozenset({_BUYER, _SELLER, _MEDIATOR, _OPERATOR}),
    "list_deadlines": frozenset({_BUYER, _SELLER, _MEDIATOR, _OPERATOR}),
    "start_lab_run": frozenset({_MARKETPLACE, _OPERATOR}),
    "list_lab_runs": frozenset({_MARKETPLACE, _OPERATOR}),
    "get_lab_run": frozenset({_MARKETPLACE, _OPERATOR}),
    "list_lab_changes": frozenset({_MARKETPLACE, _OPERATOR}),
    "cancel_lab_run": frozenset({_MARKETPLACE, _OPERATOR}),
    "resume_lab_run": frozenset({_MARKETPLACE, _OPERATOR}),
    # The policy itself
    "list_policies": frozenset({_MARKETPLACE, _OPERATOR}),
    "get_policy": frozenset({_MARKETPLACE, _OPERATOR}),
    "list_policy_changes": frozenset({_MARKETPLACE, _OPERATOR}),
    "begin_policy": frozenset({_OPERATOR}),
    "put_policy_text": frozenset({_OPERATOR}),
    "put_policy_clause": frozenset({_OPERATOR}),
    "delete_policy_clause": frozenset({_OPERATOR}),
    "comment_policy": frozenset({_OPERATOR}),
    "review_policy": frozenset({_OPERATOR}),
    "return_policy": frozenset({_OPERATOR}),
    "approve_policy": frozenset({_OPERATOR}),
    "publish_policy": frozenset({_OPERATOR}),
    "withdraw_policy": frozenset({_OPERATOR}),
    "list_webhooks": _HEARERS,
    "create_webhook": _HEARERS,
    "get_webhook": _HEARERS,
    "change_webhook": _HEARERS,
    "rotate_webhook_secret": _HEARERS,
    "delete_webhook": _HEARERS,
    "list_webhook_deliveries": _HEARERS,
    "test_webhook": _HEARERS,
    "replay_webhook_delivery": _HEARERS,
    # Help and support
    "list_help_articles": Access.OPEN,
    "get_help_article": Access.OPEN,
    "open_conversation": frozenset({_BUYER, _SELLER, _MEDIATOR, _OPERATOR}),
    "list_conversations": frozenset({_BUYER, _SELLER, _MEDIATOR, _OPERATOR}),
    "get_conversation": frozenset({_BUYER, _SELLER, _MEDIATOR, _OPERATOR}),
    "write_in_conversation": frozenset({_BUYER, _SELLER, _MEDIATOR, _OPERATOR}),
    "close_conversation": frozenset({_BUYER, _SELLER, _MEDIATOR, _OPERATOR}),
    "send_support_file": frozenset({_BUYER, _SELLER, _MEDIATOR, _OPERATOR}),
    "take_conversation": frozenset({_OPERATOR}),
    "attach_to_conversation": frozenset({_OPERATOR}),
    "hand_over_conversation": frozenset({_OPERATOR}),
    "receive_support_mail": _INTAKE,
    # The rest
    "create_hand_over": frozenset({_MARKETPLACE}),
    "list_accounts": _INTAKE,
    "get_account": _INTAKE,
    "set_buyer_tier": _INTAKE,
    "suspend_account": _INTAKE,
    "restore_account": _INTAKE,
    "list_reasons": EVERYBODY,
    "get_clock": EVERYBODY,
    "advance_clock": frozenset({_OPERATOR}),
    "get_offer_terms": Access.OPEN,
    "get_health": Access.OPEN,
    "get_ready": Access.OPEN,
    "get_openapi": Access.OPEN,
    "list_problems": Access.OPEN,
    "get_problem": Access.OPEN,
}


class Caller(msgspec.Struct, frozen=True):
    """Somebody at a door: in what role, and as which buyer, seller, staff member, carrier or provider."""

    role: KeyRole
    id: str
    #: Of a program of a seller's: the account whose key it has, and what the key is for.
    member: str = ""
    program: str = ""

    @property
    def actor(self) -> Actor:
        """How the domain knows the caller; the marketplace itself speaks with an operator's voice."""
        return Actor(self.domain_role, self.id)

    @property
    def domain_role(self) -> Role:
        """The caller's role in the lifecycle."""
        return Role.OPERATOR if self.role is KeyRole.MARKETPLACE else Role(self.role.value)


def may(role: KeyRole, operation: str) -> bool:
    """Whether keys of ``role`` may use an operation; unknown operations are denied."""
    allowed = PERMISSIONS.get(operation)
    return allowed is Access.OPEN or (isinstance(allowed, frozenset) and role in allowed)


def sees_case(caller: Caller, case: Case) -> bool:
    """Whether the case exists for the caller: parties see theirs, mediators what was brought before them.

    A draft is the buyer's alone until it is submitted. A provider sees the cases of the orders it sees.
    """
    match caller.role:
        case KeyRole.MARKETPLACE | KeyRole.OPERATOR | KeyRole.PROVIDER:
            return True
        case KeyRole.BUYER:
            return case.buyer_id == caller.id
        case KeyRole.SELLER:
            return case.seller_id == caller.id and not _private(case)
        case KeyRole.MEDIATOR:
            return case.mediation_since is not None
        case KeyRole.CARRIER:
            return any(
                one is not None and one.carrier == caller.id
                for one in (*case.parcels, case.replacement, case.label, *case.used_labels)
            )


def sees_order(caller: Caller, custody: Custody, cases: Iterable[Case]) -> bool:
    """Whether the order exists for the caller; a mediator sees it once a case on it was escalated."""
    match caller.role:
        case KeyRole.MARKETPLACE | KeyRole.OPERATOR:
            return True
        case KeyRole.PROVIDER:
            return any(tender.provider == caller.id for tender in custody.order.tenders)
        case KeyRole.BUYER:
            return custody.order.buyer_id == caller.id
        case KeyRole.SELLER:
            return custody.order.seller_id == caller.id
        case KeyRole.MEDIATOR:
            return any(one.mediation_since is not None for one in cases)
        case KeyRole.CARRIER:
            return any(parcel.carrier == caller.id for parcel in custody.order.parcels)


_HOLDS = (PayoutHeld, PayoutHoldKept, PayoutHoldReleased)
_NOT_OF_HOLDS = frozenset({KeyRole.BUYER, KeyRole.CARRIER, KeyRole.PROVIDER})


def concerns(role: KeyRole, event: object) -> bool:
    """Whether an event is told to a role: what is held of the seller's money is not the buyer's business, and
    names another buyer's case; a ruling that waits for a second person is nobody's but theirs who decide.
    """
    if isinstance(event, RulingProposed | RulingSentBack):
        return role in _STAFF | _INTAKE
    return role not in _NOT_OF_HOLDS or not isinstance(event, _HOLDS)


def _private(case: Case) -> bool:
    never_sent = case.kind is Kind.CLAIM and case.negotiation_ends_at is None
    given_up = case.outcome in {Outcome.DISCARDED, Outcome.WITHDRAWN}
    return case.state is State.DRAFTING or (never_sent and given_up)
