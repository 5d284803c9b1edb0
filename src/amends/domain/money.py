"""Amounts of money: integers of the currency's minor unit, and their fair division.

An amount never travels as a float. ``1999`` with ``"EUR"`` is EUR 19.99, with ``"JPY"`` it is
JPY 1999 and with ``"KWD"`` it is KWD 1.999: how many decimals a currency has is in `decimals`.
"""

from collections.abc import Sequence

import msgspec


def _codes(words: str) -> frozenset[str]:
    return frozenset(words.split())


# ISO 4217 list one: every active currency whose minor unit is not two decimals.
_ZERO_DECIMALS = _codes("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF")
_THREE_DECIMALS = _codes("BHD IQD JOD KWD LYD OMR TND")
_FOUR_DECIMALS = _codes("CLF UYW")

# ISO 4217 list one (January 2026) without metals, test codes, fund codes and units of account nobody pays in;
# and what was withdrawn since 2020, because older orders are still paid back in it.
_ACTIVE = _codes(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
    CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
    GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD
    KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
    NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP
    SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYI UYU UYW UZS
    VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """
)
_WITHDRAWN = _codes("ANG BGN CUC HRK SLL ZWL")

#: The codes an order may be paid in.
CURRENCIES = _ACTIVE | _WITHDRAWN


def is_currency(code: str) -> bool:
    """Whether ``code`` is an ISO 4217 currency people pay in, now or until recently (since 2020)."""
    return code in CURRENCIES


def decimals(currency: str) -> int:
    """How many decimals the minor unit of an ISO 4217 ``currency`` stands for (0, 2, 3 or 4)."""
    if currency in _ZERO_DECIMALS:
        return 0
    if currency in _THREE_DECIMALS:
        return 3
    if currency in _FOUR_DECIMALS:
        return 4
    return 2


class Money(msgspec.Struct, frozen=True, order=True):
    """An ``amount`` in minor units of an ISO 4217 ``currency``."""

    amount: int
    currency: str


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Divide ``total`` minor units over ``weights`` so that the parts add up to ``total`` exactly.

    Largest remainder (Hamilton): each part gets its floor, the units left over go to the largest
    remainders, ties to the later part, so that the last unit takes the residue. A negative total
    is divided as its opposite. All weights zero: divided evenly.

    Raises `ValueError` for no weights or a negative weight.
    """
    if not weights:
        raise ValueError("nothing to allocate over: weights are empty")
    if min(weights) < 0:
        raise ValueError(f"weights must not be negative: {list(weights)}")
    if total < 0:
        return [-part for part in allocate(-total, weights)]
    whole = sum(weights)
    if whole == 0:
        weights = [1] * len(weights)
        whole = len(weights)
    parts = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    left = total - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (remainders[i], i), reverse=True)
    for i in by_remainder[:left]:
        parts[i] += 1
    return parts
