"""What people ask for and show, in few words."""

from datetime import UTC, datetime

from amends.domain.cases.model import EvidenceItem, Goods, Remedy
from amends.domain.parties import Role

_FILLED_IN = datetime(2000, 1, 1, tzinfo=UTC)


def photo(note: str) -> EvidenceItem:
    """A photo as evidence."""
    return shown("photo", note)


def shown(kind: str, note: str) -> EvidenceItem:
    """Evidence of a kind; who brings it and when is filled in on receipt."""
    return EvidenceItem(by=Role.BUYER, kind=kind, note=note, at=_FILLED_IN)


def refund(amount: int) -> Remedy:
    """Money, and the goods stay where they are."""
    return Remedy(amount=amount, goods=Goods.KEEP, freight_payer=Role.SELLER)


def return_for(amount: int, payer: Role = Role.SELLER) -> Remedy:
    """Money once the goods are back."""
    return Remedy(amount=amount, goods=Goods.RETURN, freight_payer=payer)


def exchange(amount: int, variant: str) -> Remedy:
    """Another one once the first is back; the amount if that fails."""
    return Remedy(amount=amount, goods=Goods.RETURN, exchange_variant=variant, freight_payer=Role.SELLER)
