"""What is hidden in messages between the sides of an order, before they are kept.

Numbers of payment cards (PCI DSS 4.0, requirement 3.3: no more than
the last four digits), and telephone numbers, which lead people away from the protection.
"""

import re
from collections.abc import Iterable

import msgspec

TEXT_MAX = 5000
VALUE_MAX = 500
FILES_MAX = 10

_CARD = re.compile(r"(?<![\w])\d(?:[ \u00a0.\-]?\d){12,18}(?![\w])")
# A number somebody can dial: with a country's code, a trunk zero or the area in brackets, or grouped 3-3-4.
_PHONE = re.compile(
    r"(?<![A-Za-z\d\-./#])"
    r"(?:(?:[+＋]|[0٠０]{2})[ \u00a0]?\d(?:[ \u00a0.()/\-]{0,2}\d){6,14}"
    r"|\(\d{2,5}\)(?:[ \u00a0./\-]{0,2}\d){5,10}"
    r"|[0٠０۰]\d(?:[ \u00a0.()/\-]{0,2}\d){6,11}"
    r"|\d{3}[ .\-]\d{3}[ .\-]\d{4}"
    # Mobile numbers of China, which are written without a zero.
    r"|1[3-9]\d{9})"
    r"(?![A-Za-z\d\-])"
)
_CALLED = re.compile(
    r"(?i)((?:\b(?:tel|phone|call|mobile|cell|whatsapp|viber|telegram|telefon|handy|teléfono|llame|celular|"
    r"telefone|ligue|телефон|звоните)\b|电话|手机|微信|هاتف|واتساب)\D{0,20}?)"
    r"([(+＋]{0,2}\d(?:[ \u00a0.()/\-]{0,2}\d){5,14})"
)
_DATE = re.compile(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4}")


class Masked(msgspec.Struct, frozen=True):
    """Text without numbers that must not travel; ``hidden`` names what was taken out: card, phone."""

    text: str
    hidden: tuple[str, ...] = ()


def mask(text: str, known: Iterable[str] = ()) -> Masked:
    """Hide the numbers of cards and telephones. ``known`` texts stay: order ids and tracking numbers.

    A card's number is told by its length (13 to 19 digits, ISO/IEC 7812) and check digit; its last four stay.
    """
    kept = {_digits(one) for one in known}
    hidden: list[str] = []

    def card(found: re.Match[str]) -> str:
        digits = _digits(found[0])
        if digits in kept or not _luhn(digits):
            return found[0]
        hidden.append("card")
        return f"•••• {digits[-4:]}"

    def phone(number: str) -> str:
        digits = _digits(number)
        if digits in kept or _DATE.fullmatch(number.strip()) or not 6 <= len(digits) <= 15:
            return number
        hidden.append("phone")
        return "•" * 8

    text = _CARD.sub(card, text)
    text = _CALLED.sub(lambda found: found[1] + phone(found[2]), text)
    text = _PHONE.sub(lambda found: phone(found[0]), text)
    return Masked(text, tuple(dict.fromkeys(hidden)))


def mask_cards(text: str) -> Masked:
    """Hide the numbers of cards alone, for words that go to nobody but support."""

    def card(found: re.Match[str]) -> str:
        digits = _digits(found[0])
        return f"•••• {digits[-4:]}" if _luhn(digits) else found[0]

    masked = _CARD.sub(card, text)
    return Masked(masked, ("card",) if masked != text else ())


def _digits(text: str) -> str:
    # Of any script: Arabic-Indic and full-width digits are dialled as well.
    return "".join(str(int(character)) for character in text if character.isdecimal())


def _luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and len(set(digits)) > 1
