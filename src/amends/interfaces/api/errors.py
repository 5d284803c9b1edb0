"""Errors of the framework and of the world, as problems; refusals are already."""

import logging
import re
from typing import Any

from litestar.exceptions import HTTPException, ValidationException

from amends.application.gather import GathererClosed
from amends.application.ports import StoreUnreachable
from amends.interfaces.api.problems import KINDS, Problem, ProblemRaised, in_words, of_status, problem

Headers = tuple[tuple[str, str], ...]

_MISSING = re.compile(r"Missing required query parameter '(\w+)'")
_log = logging.getLogger(__name__)


def of_error(error: Exception, method: str, path: str, accept_language: str = "") -> tuple[Problem, Headers]:
    """Any error as a problem in the caller's language, with its headers. What is our fault is logged."""
    found, headers = _of_error(error, method, path)
    said, language = in_words(found, accept_language)
    return said, headers + language


def _of_error(error: Exception, method: str, path: str) -> tuple[Problem, Headers]:
    if isinstance(error, ProblemRaised):
        return error.problem, error.headers
    if isinstance(error, ValidationException):
        return _of_validation(error), ()
    if isinstance(error, HTTPException) and error.status_code < 500:
        headers = {name.lower(): value for name, value in (error.headers or {}).items()}
        if "allow" in headers:
            headers["allow"] = _in_order(headers["allow"])
        return _of_framework(error, method, path), tuple(headers.items())
    if isinstance(error, StoreUnreachable | GathererClosed | ConnectionError | TimeoutError):
        _log.warning("unavailable at %s %s: %s", method, path, error)
        detail = "This cannot be done at this moment, and nothing is known to have been done."
        return problem("unavailable", detail), (("Retry-After", "1"),)
    _log.error("unforeseen error at %s %s", method, path, exc_info=error)
    return problem("internal", "Something went wrong on our side, and it has been written down."), ()


def _in_order(listed: str) -> str:
    """The framework lists methods in any order; the same answer is the same each time."""
    return ", ".join(sorted(listed.split(", ")))


def _of_validation(error: ValidationException) -> Problem:
    extra: Any = error.extra[0] if isinstance(error.extra, list) and error.extra else {}
    missing = _MISSING.match(error.detail)
    if missing is not None:
        name = missing.group(1)
        return problem("invalid", f"The query parameter {name} is missing.", parameter=name)
    name = str(extra.get("key", ""))
    what = str(extra.get("message", "it is not valid"))
    return problem("invalid", f"{name or 'The request'}: {what}.", parameter=name)


def _of_framework(error: HTTPException, method: str, path: str) -> Problem:
    match error.status_code:
        case 404:
            return of_status(404, f"There is nothing at {path}; /v1/openapi.json lists every route.")
        case 405:
            allowed = _in_order((error.headers or {}).get("allow", ""))
            return of_status(405, f"{method} is not possible at {path}: use one of {allowed}.")
        case 413:
            return of_status(413, f"The body is too large. {KINDS['too_large'].remedy}")
        case status:
            return of_status(status, error.detail)
