"""One answer to many cases of a seller: looked at first, line by line, then carried out in batches.

Each line is a command of its own with a key of its own: sent twice it acts once, and one line that is refused
stops no other.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Literal

import msgspec

from amends.application.ports import Done, Envelope, Reader, Result
from amends.application.ports.sellers import InboxRow, SellerReads
from amends.domain.cases.commands import AcceptOffer, GiveInstructions, InspectReturn, MakeOffer
from amends.domain.cases.cost import Cost, cost_of
from amends.domain.cases.model import Case, Goods, Inspection, Kind, Reception, Remedy
from amends.domain.cases.negotiation import latest, standing_request
from amends.domain.conduct import conduct
from amends.domain.custody.model import Custody
from amends.domain.parties import Actor, Role
from amends.domain.policy.sellers import SellerPolicy
from amends.domain.refunds import max_refund
from amends.domain.refusals import Refused
from amends.domain.scene import Rules, Scene
from amends.domain.time import Calendars

Action = Literal["accept", "offer", "address", "accept_return"]
ACTIONS: tuple[Action, ...] = ("accept", "offer", "address", "accept_return")
CASES_MAX = 200
TOGETHER = 50

Execute = Callable[[Sequence[Envelope]], Awaitable[Sequence[Result]]]
Command = AcceptOffer | GiveInstructions | InspectReturn | MakeOffer


class BulkAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What is answered to every case.

    ``accept`` grants what the buyer asks; ``offer`` offers ``share`` (basis points) of what was paid, the
    item kept; ``address`` says where returns go: ``address``, or where that is empty the policy's for the
    buyer's country; ``accept_return`` accepts every unit that came back.
    """

    action: Action
    share: int = 0
    address: str = ""
    label: str = "buyer"
    note: str = ""


class Prospect(msgspec.Struct, frozen=True, kw_only=True):
    """What the answer would do to one case: its cost, or why it cannot be given. ``row``: as it was read."""

    row: InboxRow
    cost: Cost | None = None
    remedy: Remedy | None = None
    refused: Refused | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one case. ``refused`` is None where the answer was given, now or the first time."""

    case_id: str
    refused: Refused | None = None


class BulkAnswers:
    """Answers many cases at once, for one seller at a time."""

    def __init__(self, reads: SellerReads, reader: Reader, execute: Execute, calendars: Calendars) -> None:
        self._reads = reads
        self._reader = reader
        self._execute = execute
        self._calendars = calendars

    async def review(
        self,
        seller_id: str,
        answer: BulkAnswer,
        case_ids: Sequence[str],
        policy: SellerPolicy | None,
        now: datetime,
    ) -> list[Prospect]:
        """What the answer would do to each of the seller's cases; nothing is written."""
        rows = await self._reads.rows(seller_id, case_ids[:CASES_MAX])
        ids = {line.terms_id for row in rows for line in row.custody.order.lines}
        rules = Rules(await self._reader.terms_of(sorted(ids)), self._calendars)
        actor = Actor(Role.SELLER, seller_id)
        return [await self._prospect(row, answer, policy, actor, rules, now) for row in rows]

    async def carry_out(
        self,
        seller_id: str,
        answer: BulkAnswer,
        seen: Mapping[str, int | None],
        policy: SellerPolicy | None,
        key: str,
    ) -> list[Outcome]:
        """Answer the cases as they were ``seen``: their versions by id, None for any. What changed is left.

        The same ``key`` again answers as the first time; an empty one answers anew.
        """
        rows = await self._reads.rows(seller_id, list(seen)[:CASES_MAX])
        envelopes, outcomes = [], {}
        for row in rows:
            case = row.case
            envelope = _envelope(row, answer, policy, seen[case.case_id], key)
            if isinstance(envelope, Refused):
                outcomes[case.case_id] = Outcome(case_id=case.case_id, refused=envelope)
            else:
                envelopes.append(envelope)
        for start in range(0, len(envelopes), TOGETHER):
            some = envelopes[start : start + TOGETHER]
            for envelope, result in zip(some, await self._execute(some), strict=True):
                refused = None if isinstance(result, Done) else result
                outcomes[envelope.case_id] = Outcome(case_id=envelope.case_id, refused=refused)
        return [outcomes[row.case.case_id] for row in rows]

    async def _prospect(
        self,
        row: InboxRow,
        answer: BulkAnswer,
        policy: SellerPolicy | None,
        actor: Actor,
        rules: Rules,
        now: datetime,
    ) -> Prospect:
        case, custody = row.case, row.custody
        command = command_of(answer, case, custody, policy)
        if isinstance(command, Refused):
            return Prospect(row=row, refused=command)
        scene = await self._reader.scene(case.order_id) or Scene(custody, {case.case_id: case})
        tried = conduct(
            scene,
            command,
            order_id=case.order_id,
            case_id=case.case_id,
            actor=actor,
            rules=rules,
            now=now,
        )
        if isinstance(tried, Refused):
            return Prospect(row=row, refused=tried)
        remedy = _remedy(command, case)
        return Prospect(row=row, remedy=remedy, cost=cost_of(custody, case, remedy) if remedy else None)


def command_of(
    answer: BulkAnswer, case: Case, custody: Custody, policy: SellerPolicy | None
) -> Command | Refused:
    """The command that gives the answer in this case, or why there is none."""
    match answer.action:
        case "accept":
            asked = latest(case, Role.BUYER)
            return AcceptOffer(offer_id=asked.offer_id if asked else None)
        case "offer":
            return _offer(answer, case, custody)
        case "address":
            return _instructions(answer, custody, policy)
        case "accept_return":
            seen = tuple(
                Inspection(unit=unit, reception=Reception.RECEIVED, accepted=True) for unit in case.units
            )
            return InspectReturn(inspections=seen)


def _offer(answer: BulkAnswer, case: Case, custody: Custody) -> MakeOffer | Refused:
    if case.kind is not Kind.CLAIM:
        return _impossible("A request to cancel is accepted or declined.")
    amount = max_refund(custody, case.units) * answer.share // 10_000
    if not amount:
        return _impossible("Nothing is left to be offered.")
    return MakeOffer(remedy=Remedy(amount=amount, goods=Goods.KEEP), note=answer.note)


def _instructions(
    answer: BulkAnswer, custody: Custody, policy: SellerPolicy | None
) -> GiveInstructions | Refused:
    country = custody.order.buyer_country
    text = answer.address or (policy.address(country) if policy else "")
    if not text:
        return Refused(
            kind="invalid",
            detail="Your policy has no return address for this country.",
            facts={"country": country},
            pointer="/address",
        )
    return GiveInstructions(address=text, label=answer.label, note=answer.note)


def _envelope(
    row: InboxRow, answer: BulkAnswer, policy: SellerPolicy | None, seq: int | None, key: str
) -> Envelope | Refused:
    case = row.case
    command = command_of(answer, case, row.custody, policy)
    if isinstance(command, Refused):
        return command
    if isinstance(command, AcceptOffer):
        # Which offer it was is settled by the version; a retry must look the same once it is accepted.
        command = AcceptOffer()
    return Envelope(
        command=command,
        actor=Actor(Role.SELLER, case.seller_id),
        order_id=case.order_id,
        case_id=case.case_id,
        key=f"bulk:{key}:{case.case_id}" if key else "",
        fingerprint=sha256(msgspec.json.encode((answer, seq))).digest(),
        expected_seq=seq,
    )


def _remedy(command: Command, case: Case) -> Remedy | None:
    match command:
        case AcceptOffer():
            return standing_request(case)
        case MakeOffer(remedy=remedy):
            return remedy
        case _:
            return case.settlement.remedy if case.settlement else None


def _impossible(detail: str) -> Refused:
    return Refused(kind="not_possible_now", detail=detail)
