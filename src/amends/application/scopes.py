"""Scopes of API keys: groups of operations a key is narrowed to. What no scope names, no scoped key may."""

from collections.abc import Iterable, Mapping

from amends.application.permissions import PERMISSIONS, Access, may
from amends.application.ports import KeyRole

SCOPES: Mapping[str, frozenset[str]] = {
    scope: frozenset(operations.split())
    for scope, operations in {
        "orders:read": """
            get_order list_orders list_options get_terms explain_terms get_withdrawal get_worksheet
            get_ledger get_order_timeline
            get_parcel_analysis compare_rates list_replacements
            get_seller_record get_seller_policy list_seller_policies
            """,
        "orders:write": """
            place_order place_orders record_parcel record_tracking record_capture record_payment
            record_reservation record_sold_out
            confirm_receipt cancel_by_seller offer_extension answer_extension withdraw_from_contract
            """,
        "cases:read": """
            get_withdrawal_receipt list_similar_orders list_cases get_case get_case_timeline get_case_refunds
            get_case_actions get_case_needs simulate
            get_case_archive get_case_paper list_rulings get_recommendation
            get_return get_label get_carrier_claim list_shipments get_file get_file_content get_file_original
            get_file_thumbnail
            """,
        "cases:act": """
            open_case edit_draft submit_draft make_offer accept_offer decline_offer escalate add_evidence
            submit_evidence take_case assign_case request_evidence rule confirm_ruling accept_ruling appeal
            give_instructions ship_return record_return_scan inspect_return accept_rejection contest_rejection
            ship_replacement
            record_replacement_scan confirm_replacement decline_replacement decline_exchange withdraw reopen
            answer_cases send_file book_label issue_label add_freight_receipt
            get_blind_limit put_blind_limit delete_blind_limit
            """,
        "refunds": "confirm_refund fail_refund choose_refund_method",
        "messages": """
            list_messages send_message mark_messages list_notifications read_notifications list_deadlines
            get_preferences put_preferences
            """,
        "support": """
            open_conversation list_conversations get_conversation write_in_conversation close_conversation
            take_conversation hand_over_conversation receive_support_mail attach_to_conversation
            send_support_file
            """,
        "policy": "preview_seller_policy publish_seller_policy",
        "webhooks": """
            list_webhooks create_webhook get_webhook change_webhook delete_webhook test_webhook
            list_webhook_deliveries replay_webhook_delivery rotate_webhook_secret
            """,
        "signals": "get_buyer_signals contest_signal list_signal_contests review_signal_contest",
        "sign-in": "create_hand_over",
        "people": "list_accounts get_account set_buyer_tier suspend_account restore_account",
        "redress": """
            give_goodwill answer_goodwill open_chargeback resolve_chargeback hold_payout answer_hold
            list_holds list_statements send_statement answer_statement
            list_provider_events put_event_aside get_chargeback_evidence
            """,
        "reconciliation": """
            list_reconciliations run_reconciliation list_differences resolve_difference answer_resolution
            """,
        "figures": "get_analytics get_cover get_consistency",
        "lab": """
            start_lab_run list_lab_runs get_lab_run list_lab_changes cancel_lab_run resume_lab_run
            """,
        "studio": """
            list_policies get_policy list_policy_changes begin_policy put_policy_text put_policy_clause
            delete_policy_clause comment_policy review_policy return_policy approve_policy publish_policy
            withdraw_policy
            """,
        "clock": "advance_clock",
    }.items()
}

# Everybody may read these, so every key may.
_ALWAYS = frozenset({"list_reasons", "get_clock", "identify_number", "normalise_status"})


def in_scope(scopes: Iterable[str] | None, operation: str) -> bool:
    """Whether scopes reach an operation; None is everything."""
    if scopes is None or operation in _ALWAYS or PERMISSIONS.get(operation) is Access.OPEN:
        return True
    return any(operation in SCOPES.get(scope, ()) for scope in scopes)


def scopes_for(role: KeyRole) -> tuple[str, ...]:
    """The scopes that hold something a role may do."""
    return tuple(name for name, reached in SCOPES.items() if any(may(role, one) for one in reached))


def unscoped() -> frozenset[str]:
    """Operations that no scope names: keys with scopes cannot use them."""
    named = frozenset().union(*SCOPES.values()) | _ALWAYS
    return frozenset(one for one, allowed in PERMISSIONS.items() if allowed is not Access.OPEN) - named
