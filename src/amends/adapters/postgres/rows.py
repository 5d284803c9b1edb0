"""Domain values as rows: snapshots and bodies are msgspec's JSON, instants are UTC."""

from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias

import asyncpg
import msgspec

from amends.adapters.postgres.batch_statement import Part
from amends.application.ports import Answer, Changes, Errand, Link
from amends.domain.cases.events import CaseEvent
from amends.domain.cases.model import Case
from amends.domain.chain import Recorded
from amends.domain.custody.events import OrderEvent
from amends.domain.custody.model import Custody
from amends.domain.parties import Actor, Role, Waiting
from amends.domain.policy.terms import Terms
from amends.domain.refusals import Refused

Columns: TypeAlias = list[list[Any]]
Heads: TypeAlias = Mapping[str, bytes]

# How asyncpg takes 'infinity' and '-infinity'.
NEVER = datetime.max  # noqa: DTZ901  asyncpg knows them without a zone only
EVER = datetime.min  # noqa: DTZ901

_encode = msgspec.json.Encoder(order="deterministic").encode
_custody = msgspec.json.Decoder(Custody).decode
_case = msgspec.json.Decoder(Case).decode
_terms = msgspec.json.Decoder(Terms).decode
_refused = msgspec.json.Decoder(Refused).decode
_event = msgspec.json.Decoder(CaseEvent | OrderEvent).decode
_body = msgspec.json.Decoder(dict[str, object]).decode
_ROLES = {role.value: role for role in Role}


def custody_of(snapshot: bytes) -> Custody:
    """An order in custody, as `order_columns` wrote it."""
    return _custody(snapshot)


def case_of(snapshot: bytes) -> Case:
    """A case, as `case_columns` wrote it."""
    return _case(snapshot)


def terms_of(body: bytes) -> Terms:
    """Terms, as `terms_columns` wrote them."""
    return _terms(body)


def answer_of(row: asyncpg.Record) -> Answer:
    """An answer of `open_batch`."""
    refused = row["snapshot"]
    return Answer(
        key=row["id"],
        fingerprint=row["head"],
        order_id=row["order_id"],
        case_id=row["case_id"],
        seq=row["seq"],
        at=row["at"],
        refused=None if refused is None else _refused(refused),
    )


def errand_of(row: asyncpg.Record) -> Errand:
    """A claimed errand."""
    return Errand(
        errand_id=row["errand_id"],
        topic=row["topic"],
        order_id=row["order_id"],
        case_id=row["case_id"],
        body=_body(row["body"]),
        due_at=row["due_at"],
        attempts=row["attempts"],
    )


def link_of(row: asyncpg.Record, stream: str, order_id: str) -> Link:
    """An event with its body and hash."""
    return Link(recorded_of(row, stream, order_id), row["body"], row["digest"])


def recorded_of(row: asyncpg.Record, stream: str, order_id: str) -> Recorded:
    """An event."""
    return Recorded(
        stream=stream,
        order_id=order_id,
        seq=row["seq"],
        at=row["at"],
        actor=_actor(row["actor"]),
        from_state=row["from_state"],
        event=_event(row["body"]),
    )


# The same few people and the clock come again and again.
@lru_cache(maxsize=8192)
def _actor(text: str) -> Actor:
    role, _, person = text.partition(":")
    return Actor(_ROLES[role], person)


def order_parts(
    custodies: Sequence[Custody], heads: Heads, known: Container[str]
) -> Iterator[tuple[str, Part]]:
    """The parts of `write_batch` for orders: those that were not there, and those that were."""
    new = [one for one in custodies if one.order.order_id not in known]
    if new:
        orders = [one.order for one in new]
        fixed: dict[str, list[Any]] = {
            "buyer_id": [order.buyer_id for order in orders],
            "seller_id": [order.seller_id for order in orders],
            "placed_at": [order.placed_at for order in orders],
        }
        yield "new_orders", {**_order(new, heads), **fixed}
    changed = [one for one in custodies if one.order.order_id in known]
    if changed:
        yield "changed_orders", _order(changed, heads)


def _order(custodies: Sequence[Custody], heads: Heads) -> dict[str, list[Any]]:
    ids = [one.order.order_id for one in custodies]
    return {
        "order_id": ids,
        "stage": [one.stage.value for one in custodies],
        **_waiting([one.waiting for one in custodies]),
        "seq": [one.seq for one in custodies],
        "snapshot": [_encode(one) for one in custodies],
        "head": [heads[stream] for stream in ids],
    }


def case_parts(cases: Sequence[Case], heads: Heads, known: Container[str]) -> Iterator[tuple[str, Part]]:
    """The parts of `write_batch` for cases: those that were opened, and those that changed."""
    new = [case for case in cases if case.case_id not in known]
    if new:
        fixed: dict[str, list[Any]] = {
            "kind": [case.kind.value for case in new],
            "buyer_id": [case.buyer_id for case in new],
            "seller_id": [case.seller_id for case in new],
            "opened_at": [case.opened_at for case in new],
        }
        yield "new_cases", {**_case_columns(new, heads), **fixed}
    changed = [case for case in cases if case.case_id in known]
    if changed:
        yield "changed_cases", _case_columns(changed, heads)


def _case_columns(cases: Sequence[Case], heads: Heads) -> dict[str, list[Any]]:
    return {
        "order_id": [case.order_id for case in cases],
        "case_id": [case.case_id for case in cases],
        "state": [case.state.value for case in cases],
        "reason": [case.reason for case in cases],
        "mediator_id": [case.mediator_id for case in cases],
        **_waiting([case.waiting for case in cases]),
        "seq": [case.seq for case in cases],
        "closed_at": [case.closed_at for case in cases],
        "snapshot": [_encode(case) for case in cases],
        "head": [heads[case.case_id] for case in cases],
    }


def _waiting(waitings: Sequence[Waiting | None]) -> dict[str, list[Any]]:
    return {
        "due_at": [None if w is None else w.until for w in waitings],
        "waiting_on": ["" if w is None else w.on.value for w in waitings],
        "on_due": ["" if w is None else w.default for w in waitings],
    }


def event_part(links: Sequence[Link]) -> Part:
    """The part of `write_batch` for events."""
    recorded = [link.recorded for link in links]
    events = [one.event for one in recorded]
    return {
        "stream": [one.stream for one in recorded],
        "seq": [one.seq for one in recorded],
        "order_id": [one.order_id for one in recorded],
        "at": [one.at for one in recorded],
        "actor": [f"{one.actor.role.value}:{one.actor.id}" for one in recorded],
        "type": [event.__struct_config__.tag for event in events],
        "from_state": [one.from_state for one in recorded],
        "to_state": [event.state.value for event in events],
        "body": [link.body for link in links],
        "digest": [link.digest for link in links],
    }


def errand_part(errands: Sequence[Errand]) -> Part:
    """The part of `write_batch` for errands."""
    return {
        "errand_id": [one.errand_id for one in errands],
        "topic": [one.topic for one in errands],
        "order_id": [one.order_id for one in errands],
        "case_id": [one.case_id for one in errands],
        "body": [_encode(one.body).decode() for one in errands],
        "due_at": [one.due_at for one in errands],
    }


def answer_part(answers: Sequence[Answer]) -> Part:
    """The part of `write_batch` for answers."""
    return {
        "key": [one.key for one in answers],
        "fingerprint": [one.fingerprint for one in answers],
        "order_id": [one.order_id for one in answers],
        "case_id": [one.case_id for one in answers],
        "seq": [one.seq for one in answers],
        "at": [one.at for one in answers],
        "refused": [None if one.refused is None else _encode(one.refused) for one in answers],
    }


def transfer_part(links: Sequence[Link]) -> Part:
    """The part of `write_batch` for transfers: those of every event, each with its place in it."""
    rows = [
        (link.recorded, position, transfer)
        for link in links
        if link.recorded.event.transfers
        for position, transfer in enumerate(link.recorded.event.transfers)
    ]
    transfers = [transfer for _, _, transfer in rows]
    return {
        "order_id": [recorded.order_id for recorded, _, _ in rows],
        "stream": [recorded.stream for recorded, _, _ in rows],
        "seq": [recorded.seq for recorded, _, _ in rows],
        "position": [position for _, position, _ in rows],
        "transfer_id": [transfer.transfer_id for transfer in transfers],
        "stage": [transfer.stage.value for transfer in transfers],
        "debit": [transfer.debit.value for transfer in transfers],
        "credit": [transfer.credit.value for transfer in transfers],
        "amount": [transfer.amount for transfer in transfers],
        "purpose": [transfer.purpose for transfer in transfers],
        "tender_id": [transfer.tender_id for transfer in transfers],
        "case_id": [transfer.case_id for transfer in transfers],
        "at": [recorded.at for recorded, _, _ in rows],
    }


def terms_columns(terms: Sequence[Terms]) -> Columns:
    """The arrays of `write_terms`, in the order of their ids so that two batches cannot block each other."""
    by_id = {one.terms_id: one for one in terms}
    return [sorted(by_id), [_encode(by_id[terms_id]) for terms_id in sorted(by_id)]]


def heads_of(changes: Changes) -> dict[str, bytes]:
    """The last hash of every stream the changes add to."""
    return {link.recorded.stream: link.digest for link in changes.links}
