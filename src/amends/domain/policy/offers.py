"""What the terms say of an offer before anybody has bought it (A3)."""

from collections.abc import Iterable

from amends.domain.policy.terms import Terms


def never_returned(terms: Terms, category: str, traits: Iterable[str] = ()) -> bool:
    """Whether goods of a category path, or with one of the traits, are not taken back (B37-39).

    What is faulty or not as described is excepted, see ``unreturnable.except``.
    """
    return bool(
        set(category.split("/")) & set(terms.words("unreturnable.categories"))
        or set(traits) & set(terms.words("unreturnable.traits"))
    )
