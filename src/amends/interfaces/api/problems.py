"""Problems (RFC 9457): every error of the API, its stable type, its status and how to mend it.

The one place that turns refusals, and the framework's errors, into HTTP.
"""

from http import HTTPStatus
from typing import NoReturn

import msgspec

from amends.application.words import N_, Words, choose, wanted
from amends.domain.refusals import Refused

MEDIA_TYPE = "application/problem+json"


class Kind(msgspec.Struct, frozen=True):
    """One type of problem: the status it is answered with, its title, and what to do about it."""

    status: int
    title: str
    remedy: str


KINDS: dict[str, Kind] = {
    # What the domain refuses
    "not_found": Kind(
        404, N_("Not found"), "Check the path and the id. What belongs to others is not found either."
    ),
    "not_yours": Kind(
        403, N_("Not yours to do"), "Another party has to do this; the case's actions say who."
    ),
    "not_possible_now": Kind(409, N_("Not possible now"), "Read the case again and take one of its actions."),
    "window_closed": Kind(409, N_("The window has closed"), "The clause says until when it was open."),
    "not_open_yet": Kind(409, N_("Not open yet"), "Wait until the instant in the facts."),
    "unit_taken": Kind(
        409, N_("Unit already in a case"), "Go on with the case that has the unit, or choose other units."
    ),
    "amount_too_high": Kind(422, N_("Amount too high"), "Ask for at most what the facts say is left."),
    "remedy_closed": Kind(422, N_("Remedy not open"), "Choose one of the remedies the line's options offer."),
    "unknown_reason": Kind(422, N_("Unknown reason"), "Use a code of GET /v1/reasons."),
    "unknown_line": Kind(422, N_("Unknown line"), "Use a line id of the order."),
    "quantity_too_high": Kind(
        422, N_("Quantity too high"), "Unit indexes run from 0 to the line's quantity - 1."
    ),
    "currency_mismatch": Kind(
        422, N_("Currency mismatch"), "Give amounts in the minor unit of the order's currency."
    ),
    "invalid": Kind(422, N_("Invalid request"), "Mend the field that the pointer or parameter names."),
    "version_conflict": Kind(
        412, N_("Changed in between"), "Read it again and send the new ETag in If-Match."
    ),
    "key_reused": Kind(
        422, N_("Idempotency key used before"), "Send a new Idempotency-Key with a new request."
    ),
    "frozen_at_purchase": Kind(
        409, N_("Frozen at purchase"), "What was agreed at purchase cannot change afterwards."
    ),
    "conflict_of_interest": Kind(403, N_("Conflict of interest"), "Another mediator has to act."),
    "evidence_missing": Kind(422, N_("Evidence missing"), "Add evidence of one of the kinds in the facts."),
    "below_floor": Kind(
        422, "Less kind than a floor", "Set a value at least as kind to the buyer as the clause asks."
    ),
    "not_captured": Kind(409, N_("Nothing captured"), "Record the captures of the order first."),
    "unavailable": Kind(
        503, N_("Not available now"), "Send the same request again, with the same Idempotency-Key."
    ),
    # What the API refuses before
    "malformed": Kind(400, N_("Not JSON"), "Send UTF-8 encoded JSON."),
    "unauthenticated": Kind(
        401, N_("No valid key"), "Send `Authorization: Bearer amk_...` with a key in force."
    ),
    "forbidden": Kind(403, N_("Not for this role"), "Use a key of a role that may do this."),
    "method_not_allowed": Kind(405, N_("Method not allowed"), "Use a method of the Allow header."),
    "too_large": Kind(413, N_("Body too large"), "Send at most 1 MiB, in bulk at most 10 MiB."),
    "unsupported_media_type": Kind(
        415, N_("Media type not supported"), "Send application/json, in bulk NDJSON."
    ),
    "too_many_requests": Kind(429, N_("Too many requests"), "Wait as long as Retry-After says."),
    "internal": Kind(500, N_("Our fault"), "Send the same request again, with the same Idempotency-Key."),
}


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``type`` is stable. ``pointer`` is the JSON pointer of the field at fault, ``parameter`` names the
    header or part of the URL; ``clause`` is the policy clause that decides, ``facts`` explain it.
    """

    type: str
    title: str
    status: int
    detail: str
    pointer: str = ""
    parameter: str = ""
    clause: str = ""
    facts: dict[str, object] = {}


class ProblemRaised(Exception):
    """Ends a request with a problem. ``headers`` go with it."""

    def __init__(self, problem: Problem, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(problem.detail)
        self.problem = problem
        self.headers = headers


def problem(
    kind: str,
    detail: str,
    *,
    pointer: str = "",
    parameter: str = "",
    clause: str = "",
    facts: dict[str, object] | None = None,
) -> Problem:
    """A problem of a known kind; an unknown one is ours."""
    known = KINDS.get(kind)
    if known is None:
        kind, known = "internal", KINDS["internal"]
    return Problem(
        type=f"/problems/{kind}",
        title=known.title,
        status=known.status,
        detail=detail,
        pointer=pointer,
        parameter=parameter,
        clause=clause,
        facts=facts or {},
    )


def fail(kind: str, detail: str, *, pointer: str = "", parameter: str = "") -> NoReturn:
    """Raise `ProblemRaised`."""
    headers = (("WWW-Authenticate", "Bearer"),) if kind == "unauthenticated" else ()
    raise ProblemRaised(problem(kind, detail, pointer=pointer, parameter=parameter), headers)


def of_refusal(refused: Refused, pointer: str = "") -> Problem:
    """The domain's refusal as a problem; ``pointer`` stands in where the refusal has none."""
    return problem(
        refused.kind,
        refused.detail,
        pointer=refused.pointer or pointer,
        clause=refused.clause,
        facts=refused.facts,
    )


def in_words(problem: Problem, accept_language: str) -> tuple[Problem, tuple[tuple[str, str], ...]]:
    """The problem with its title in the language asked for, and the headers that say so; RFC 9457, 3.1.3."""
    language = choose(wanted(accept_language))
    if language == choose():
        return problem, ()
    said = msgspec.structs.replace(problem, title=Words(language.locale).say(problem.title))
    return said, (("Content-Language", language.code), ("Vary", "Accept-Language"))


_KINDS_BY_STATUS = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
    503: "unavailable",
}


def of_status(status: int, detail: str) -> Problem:
    """A framework's error as a problem."""
    kind = _KINDS_BY_STATUS.get(
        status, "internal" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid"
    )
    return problem(kind, detail)


encode = msgspec.json.Encoder().encode
