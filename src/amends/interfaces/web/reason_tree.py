"""The tree of reasons as a buyer reads it: what is open now first, and found by the words people use."""

from collections import defaultdict
from collections.abc import Mapping

import msgspec

from amends.domain.orders import Line
from amends.domain.parties import Role
from amends.domain.reasons import REASONS
from amends.interfaces.web import claim as claims
from amends.interfaces.web import vocabulary
from amends.interfaces.web.searching import folded, sought
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

#: What else people call it; a search finds these words too.
ALSO: dict[str, str] = {
    "not_received.no_tracking": N_("no number, cannot follow the parcel"),
    "not_received.tracking_invalid": N_("wrong number, unknown number"),
    "not_received.tracking_shared": N_("same number, another buyer"),
    "not_received.wrong_direction": N_("another country, lost, somewhere else"),
    "not_received.origin_only": N_("stuck, not moving"),
    "not_received.overdue": N_("missing, lost, did not come, still waiting, nothing arrived"),
    "not_received.customs_held": N_("duty, border, import tax"),
    "not_received.returned_to_sender": N_("sent back, bounced"),
    "not_received.wrong_address": N_("another address, neighbour, wrong street"),
    "not_received.shown_delivered": N_("stolen, marked delivered, says delivered"),
    "not_received.never_sent": N_("not shipped, not posted"),
    "not_as_described.color": N_("color, shade, wrong colour"),
    "not_as_described.size": N_("too small, too big, does not fit, wrong size"),
    "not_as_described.look": N_("pattern, style, picture, shape"),
    "not_as_described.material": N_("fabric, leather, plastic, wood"),
    "not_as_described.specification": N_("function, feature, power, memory, compatible"),
    "not_as_described.wrong_item": N_("wrong product, somebody else’s order, mixed up"),
    "not_as_described.quantity_short": N_("not enough, one missing, too few"),
    "not_as_described.parts_missing": N_("incomplete, cable, screws, charger, manual"),
    "not_as_described.empty_parcel": N_("nothing inside, empty box"),
    "quality.assembly": N_("loose, crooked, seam, screw"),
    "quality.material": N_("cheap, thin, smell, scratches"),
    "quality.unfit_for_purpose": N_("useless, unsafe, cannot be used"),
    "quality.damaged_in_transit": N_("broken, cracked, smashed, dented, torn, scratched"),
    "quality.defective": N_("faulty, broken, stopped, malfunction"),
    "quality.not_working": N_("dead, does not start, does not turn on, broken"),
    "quality.leaking": N_("drips, wet, spilled"),
    "fake.counterfeit": N_("copy, replica, imitation, brand, fake"),
    "fake.no_authorisation": N_("licence, brand, not official"),
    "late.after_promise": N_("delay, delayed, too late, after the date"),
    "no_reason.changed_mind": N_("do not like it, do not need it, mistake, gift"),
    "no_reason.wrong_size_ordered": N_("too small, too big, does not fit, my mistake"),
    "no_reason.free_return": N_("free return, send back for nothing"),
    "no_reason.withdrawal": N_("law, right of withdrawal, cooling off"),
    "return.seller_denies_receipt": N_("sent back, seller says nothing came"),
    "return.lost": N_("return parcel lost, carrier lost it"),
    "return.freight": N_("postage, shipping cost, who pays"),
    "return.swapped": N_("seller says another item came back"),
    "return.refund_missing": N_("no money, not refunded, still waiting for the refund"),
}


class ReasonRow(msgspec.Struct, frozen=True):
    """A leaf of the tree: ``closed`` says why nothing can be asked for this reason now, if so."""

    code: str
    title: str
    closed: str


class Family(msgspec.Struct, frozen=True):
    """A branch of the tree; ``closed`` where all of it is, for one and the same reason."""

    name: str
    title: str
    reasons: tuple[ReasonRow, ...]
    closed: str


def families(
    visit: Visit, at: claims.Setting, lines: tuple[Line, ...], query: str = ""
) -> tuple[Family, ...]:
    """The reasons a buyer can give about something shipped, by branch, those open now first.

    A reason is open if it is for one of the ``lines``. A ``query`` keeps what has all its words or, where
    nothing has, what comes nearest.
    """
    words = visit.words
    asked = [one for one in REASONS.values() if one.family != "cancel" and one.who_asks is Role.BUYER]
    known = {
        one.code: folded(
            f"{words.say(vocabulary.REASONS[one.code])} {words.say(vocabulary.FAMILIES[one.family])}"
            f" {words.say(ALSO[one.code])}"
        )
        for one in asked
    }
    kept = _found(known, sought(query))
    found: dict[str, list[ReasonRow]] = {}
    for reason in asked:
        if reason.code in kept:
            title = words.say(vocabulary.REASONS[reason.code])
            row = ReasonRow(reason.code, title, _closed(visit, at, lines, reason.code))
            found.setdefault(reason.family, []).append(row)
    listed = []
    for name, rows in found.items():
        rows.sort(key=lambda row: bool(row.closed))
        same = len({row.closed for row in rows}) == 1
        listed.append(
            Family(name, words.say(vocabulary.FAMILIES[name]), tuple(rows), rows[0].closed if same else "")
        )
    return tuple(sorted(listed, key=lambda family: all(row.closed for row in family.reasons)))


def _found(known: Mapping[str, str], wanted: tuple[str, ...]) -> frozenset[str]:
    """What has all the words; else what has the words that few others have, such as *seam* in a sentence."""
    whole = frozenset(code for code, text in known.items() if all(word in text for word in wanted))
    if whole:
        return whole
    having = {word: [code for code, text in known.items() if word in text] for word in wanted}
    scores: dict[str, float] = defaultdict(float)
    for codes in having.values():
        for code in codes:
            scores[code] += 1 / len(codes)
    best = max(scores.values(), default=0)
    return frozenset(code for code, score in scores.items() if 2 * score >= best)


def _closed(visit: Visit, at: claims.Setting, lines: tuple[Line, ...], reason: str) -> str:
    """Why the reason is closed for every line, said for the first of them."""
    first = ""
    for line in lines:
        closed = claims.all_closed(visit, claims.judged(visit, at, reason, claims.probed(at, line, reason)))
        if not closed:
            return ""
        first = first or closed
    return first
