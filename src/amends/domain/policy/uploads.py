"""How much evidence may be sent, as policy says."""

from amends.domain.evidence import Limits
from amends.domain.policy.terms import Terms


def limits_of(terms: Terms | None) -> Limits:
    """The limits of an order's terms; what they leave open is as `Limits` has it."""
    default = Limits()
    if terms is None:
        return default

    def limit(name: str, otherwise: int, unit: int = 1) -> int:
        return int(terms.get(name).value) * unit if terms.has(name) else otherwise

    return Limits(
        files=limit("evidence.files", default.files),
        size=limit("evidence.megabytes", default.size, 1_000_000),
        pixels=limit("evidence.megapixels", default.pixels, 1_000_000),
        seconds=limit("evidence.seconds", default.seconds),
    )
