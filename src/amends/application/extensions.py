"""What an accepted extension needs besides the command: the amended terms, to be stored with it."""

from collections.abc import Mapping

from amends.domain.custody.extensions import amended, find
from amends.domain.custody.model import Custody
from amends.domain.policy.terms import Terms


def terms_agreed(custody: Custody, terms: Mapping[str, Terms], extension_id: str) -> tuple[Terms, ...]:
    """The terms each line gets when the extension is accepted; none for an extension that is not there."""
    known = find(custody, extension_id)
    if known is None:
        return ()
    fresh = (amended(terms[line.terms_id], known) for line in custody.order.lines)
    return tuple({one.terms_id: one for one in fresh}.values())
