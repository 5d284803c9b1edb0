"""Why a command is refused: values with facts, turned into HTTP and words in one place of each interface.

``kind`` is the stable type of the problem; ``clause`` names the policy clause it rests on, where one does.
"""

import msgspec


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A command that was not carried out. ``facts`` are plain JSON values that explain it.

    Kinds: not_found, not_yours, not_possible_now, window_closed, not_open_yet, unit_taken,
    amount_too_high, remedy_closed, unknown_reason, unknown_line, quantity_too_high,
    currency_mismatch, invalid, version_conflict, key_reused, frozen_at_purchase, conflict_of_interest,
    evidence_missing, not_captured, unavailable.
    ``pointer`` is a JSON pointer to the offending field of the request, where there is one.
    """

    kind: str
    detail: str
    facts: dict[str, object] = {}
    clause: str = ""
    pointer: str = ""
