"""The desk behind the counter: does what a request asks and puts the answer into words.

Litestar's handlers and the fast lane both hand over to it, so that they cannot differ.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NoReturn

import msgspec

from amends.application.permissions import Caller, sees_case, sees_order
from amends.application.ports import AnyCommand, CaseFile, Done, Envelope, KeyRole, Result, happening
from amends.domain.cases.evolve import evolve
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Case
from amends.domain.custody.model import Custody, Stage
from amends.domain.policy.terms import Terms
from amends.domain.refusals import Refused
from amends.domain.scene import Rules, Scene
from amends.interfaces.api.bodies import Body, Nothing, Priced, Telling
from amends.interfaces.api.callers import Doorkeeper
from amends.interfaces.api.conditions import Conditions, conditions, etag
from amends.interfaces.api.deeds import Deed
from amends.interfaces.api.json_body import read
from amends.interfaces.api.parts import Parts
from amends.interfaces.api.problems import ProblemRaised, fail, of_refusal, problem
from amends.interfaces.api.views import CaseView, OrderStanding, case_view, with_timeline

_TERMS_MAX = 4096
_ORDERS_MAX = 65_536

# The domain takes their word for every parcel and payment; which are theirs, the order or case says.
MACHINES = frozenset({KeyRole.CARRIER, KeyRole.PROVIDER})
_DECIDING = frozenset({KeyRole.MEDIATOR, KeyRole.OPERATOR})

encode = msgspec.json.Encoder().encode


class Reply(msgspec.Struct, frozen=True):
    """A response: status, headers besides the content's, body."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class Asked(msgspec.Struct, frozen=True):
    """What every writing request brings: who asks, under which conditions."""

    caller: Caller
    conditions: Conditions = Conditions()


class Desk:
    """Carries requests out. One a process."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.doorkeeper = Doorkeeper(parts.keys)
        # Terms are immutable, and so is an order's currency: both may be kept as long as there is room.
        self._terms: dict[str, Terms] = {}
        self._currencies: dict[str, str] = {}
        self._decoders: dict[type[Body], msgspec.json.Decoder[Body]] = {}

    def read(self, body: type[Body], raw: bytes) -> Body:
        """A request's body, checked. Raises `ProblemRaised`."""
        if body is Nothing and not raw.strip():
            return Nothing()
        decoder = self._decoders.get(body)
        if decoder is None:
            decoder = self._decoders[body] = msgspec.json.Decoder(body)
        return read(decoder, raw)

    async def perform(self, deed: Deed, case_id: str, raw: bytes, asked: Asked) -> Reply:
        """A command on a case: 201 with the case and its actions (200 for PUT)."""
        body = self.read(deed.body, raw)
        order_id = order_of(case_id)
        named = body.currency_named if isinstance(body, Telling) else ("", "")
        if asked.caller.role in MACHINES:
            await self.file(asked.caller, case_id)
        command = deed.command(body, asked.caller.domain_role, self.parts.clock.now())
        done = await self.submit(asked, command, order_id, case_id, named=named)
        return await self.case_reply(done, asked.caller, 200 if deed.method == "PUT" else 201)

    async def submit(
        self,
        asked: Asked,
        command: AnyCommand,
        order_id: str,
        case_id: str = "",
        *,
        named: tuple[str, str] = ("", ""),
    ) -> Done:
        """Send one command. Raises `ProblemRaised` with the refusal.

        ``named`` is the currency the sender takes the amounts for, and its JSON pointer.
        """
        currency, pointer = named
        envelope = self.envelope(asked, command, order_id, case_id, currency=currency)
        result = await self._submitted(asked.caller, envelope)
        if isinstance(result, Refused):
            if result.kind == "currency_mismatch":
                result = msgspec.structs.replace(result, pointer=pointer)
            await self.refuse(result, asked.caller, order_id, case_id)
        return result

    async def _submitted(self, caller: Caller, envelope: Envelope) -> Result:
        """Events name the seller; whose key of the team it was is written down before anything happens."""
        if not caller.member:
            return await self.parts.submit(envelope)
        teams, tag = self.parts.accounts.teams, str(envelope.command.__struct_config__.tag)
        noted = await teams.note_program(
            caller.member, caller.program, tag, envelope.order_id, envelope.case_id
        )
        result = await self.parts.submit(envelope)
        if noted is not None:
            await teams.concluded(*noted, result)
        return result

    async def refuse(self, refused: Refused, caller: Caller, order_id: str, case_id: str = "") -> NoReturn:
        """Raise `ProblemRaised` with the refusal; as not_found where the caller may not even know of the
        thing.
        """
        if case_id:
            await self.file(caller, case_id)
        elif refused.kind == "not_found" or await self.parts.reader.scene(order_id) is not None:
            await self.scene(caller, order_id)
        raise ProblemRaised(of_refusal(refused))

    def envelope(
        self, asked: Asked, command: AnyCommand, order_id: str, case_id: str = "", *, currency: str = ""
    ) -> Envelope:
        """The command on its way."""
        return Envelope(
            command=command,
            actor=asked.caller.actor,
            order_id=order_id,
            case_id=case_id,
            key=asked.conditions.key,
            fingerprint=asked.conditions.fingerprint,
            expected_seq=asked.conditions.seq,
            currency=currency,
        )

    async def case_reply(self, done: Done, caller: Caller, status: int) -> Reply:
        """Answer with the case as the command left it; a retry gets the very same answer."""
        case, at = await self._case_after(done)
        terms = await self.terms_for_done(done, case)
        view = case_view(case, caller, terms, at, await self.hearing(caller, case, terms, at, done.custody))
        headers = (("ETag", etag(case.seq)), ("Location", f"/v1/cases/{case.case_id}"))
        return Reply(status, encode(view), headers + _REPLAYED if done.replayed else headers)

    async def order_reply(self, done: Done, status: int, status_when_new: int = 0) -> Reply:
        """Answer with where the order stands after the command; a retry gets the very same answer."""
        standing, is_new = await self._standing_after(done)
        headers = (("ETag", etag(standing.version)), ("Location", f"/v1/orders/{done.order_id}"))
        return Reply(
            status_when_new or status if is_new else status,
            encode(standing),
            headers + _REPLAYED if done.replayed else headers,
        )

    async def show_case(self, caller: Caller, case_id: str, *, timeline: bool = False) -> Reply:
        """GET a case."""
        if caller.role in _DECIDING or caller.role is KeyRole.PROVIDER:
            # What staff may do, and which orders are a provider's, only the order itself says.
            file = await self.file(caller, case_id)
            view = await self.view(caller, file)
            happened = [happening(link) for link in file.timeline] if timeline else []
        else:
            sheet = await self.parts.reader.case_sheet(case_id, timeline=timeline)
            if sheet is None or not sees_case(caller, sheet.case):
                fail("not_found", f"There is no case {case_id}.")
            terms = await self.terms(
                tuple(dict.fromkeys(sheet.terms[unit.line_id] for unit in sheet.case.units))
            )
            view = case_view(sheet.case, caller, terms, self.parts.clock.now())
            happened = list(sheet.events)
        if timeline:
            view = with_timeline(view, happened, caller)
        return Reply(200, encode(view), (("ETag", etag(view.version)),))

    async def view(self, caller: Caller, file: CaseFile) -> CaseView:
        """The case as the caller sees it now."""
        now = self.parts.clock.now()
        hearing = await self.hearing(caller, file.case, file.terms, now, file.custody)
        return case_view(file.case, caller, file.terms, now, hearing)

    async def hearing(
        self, caller: Caller, case: Case, terms: Mapping[str, Terms], at: datetime, custody: Custody | None
    ) -> Hearing | None:
        """What a decision by the caller looks at; None for those of whom the role says all."""
        if caller.role not in _DECIDING:
            return None
        cases: Mapping[str, Case] = {case.case_id: case}
        if custody is None or not case.live:
            # Whether a closed case can be reopened depends on the order's other cases.
            scene = await self.parts.reader.scene(case.order_id)
            if scene is None or scene.custody is None:
                return None
            custody, cases = custody or scene.custody, scene.cases
        return Hearing(custody, cases, Rules(terms, self.parts.calendars), caller.actor, at)

    async def file(self, caller: Caller, case_id: str) -> CaseFile:
        """A case with all about it. Raises `ProblemRaised`: not_found for what the caller may not see."""
        file = await self.parts.reader.case_file(case_id)
        if (
            file is None
            or not sees_case(caller, file.case)
            or (caller.role is KeyRole.PROVIDER and not sees_order(caller, file.custody, ()))
        ):
            fail("not_found", f"There is no case {case_id}.")
        return file

    async def scene(self, caller: Caller, order_id: str) -> tuple[Custody, Scene]:
        """An order with its cases. Raises `ProblemRaised`: not_found for what the caller may not see."""
        scene = await self.parts.reader.scene(order_id)
        if (
            scene is None
            or scene.custody is None
            or not sees_order(caller, scene.custody, scene.cases.values())
        ):
            fail("not_found", f"There is no order {order_id}.")
        return scene.custody, scene

    async def check_currency(self, caller: Caller, order_id: str, body: Priced, case_id: str = "") -> None:
        """Refuse amounts meant in another currency than the order's. An unknown order is left alone."""
        named, pointer = body.currency_named
        if not named:
            return
        currency = self._currencies.get(order_id)
        if currency is None:
            scene = await self.parts.reader.scene(order_id)
            if scene is None or scene.custody is None:
                return
            if len(self._currencies) >= _ORDERS_MAX:
                self._currencies.clear()
            currency = self._currencies[order_id] = scene.custody.order.currency
        if named == currency:
            return
        # To those who may not see it, it does not exist whatever they say.
        if case_id:
            await self.file(caller, case_id)
        else:
            await self.scene(caller, order_id)
        detail = f"The amount is in {named}, the order in {currency}; give it in {currency}."
        raise ProblemRaised(problem("currency_mismatch", detail, pointer=pointer, facts={"order": currency}))

    async def terms(self, terms_ids: Sequence[str]) -> Mapping[str, Terms]:
        """Terms by id, kept in process."""
        known = {one: self._terms[one] for one in terms_ids if one in self._terms}
        missing = [one for one in dict.fromkeys(terms_ids) if one not in known]
        if missing:
            found = await self.parts.reader.terms_of(missing)
            if len(self._terms) + len(found) > _TERMS_MAX:
                self._terms.clear()
            self._terms.update(found)
            known.update(found)
        return known

    async def terms_for_done(self, done: Done, case: Case) -> Mapping[str, Terms]:
        """The terms of a case's lines after a command."""
        custody = done.custody
        if custody is None:
            scene = await self.parts.reader.scene(case.order_id)
            custody = scene.custody if scene else None
        return await self.terms(terms_ids(custody, case)) if custody else {}

    async def _case_after(self, done: Done) -> tuple[Case, datetime]:
        if done.case is not None and not done.replayed:
            events = [one for one in done.recorded if one.stream == done.case.case_id]
            return done.case, events[-1].at if events else self.parts.clock.now()
        links = [
            one for one in await self.parts.reader.timeline(done.case_id) if one.recorded.seq <= done.seq
        ]
        case: Case | None = None
        for link in links:
            case = evolve(case, link.recorded)
        if case is None:
            fail("internal", f"The events of case {done.case_id} are missing.")
        return case, links[-1].recorded.at

    async def _standing_after(self, done: Done) -> tuple[OrderStanding, bool]:
        """Where the order stood after the command, and whether the command was what created it."""
        if done.custody is not None and not done.replayed:
            custody = done.custody
            standing = OrderStanding(
                order_id=done.order_id, version=custody.seq, stage=custody.stage, waiting=custody.waiting
            )
            return standing, any(one.stream == done.order_id and one.seq == 1 for one in done.recorded)
        links = await self.parts.reader.timeline(done.order_id)
        seq = done.seq
        if done.case is not None:
            # The answer was kept with the version of the case that the command opened on the way.
            opened = (await self.parts.reader.timeline(done.case_id))[done.seq - 1].recorded.at
            seq = max(link.recorded.seq for link in links if link.recorded.at <= opened)
        last = links[seq - 1].recorded
        standing = OrderStanding(
            order_id=done.order_id, version=seq, stage=Stage(last.event.state), waiting=last.event.waiting
        )
        return standing, last.at == links[0].recorded.at


_REPLAYED = (("Idempotent-Replayed", "true"),)


def order_of(case_id: str) -> str:
    """The order a case id leads to. Raises `ProblemRaised` (not_found) where it is none."""
    order_id, dot, number = case_id.rpartition(".")
    if not dot or not number.isascii() or not number.isdigit():
        fail("not_found", f"There is no case {case_id}: its id is the order's, a dot and a number.")
    return order_id


def terms_ids(custody: Custody, case: Case) -> tuple[str, ...]:
    """The ids of the terms of the lines a case is about."""
    wanted = {unit.line_id for unit in case.units}
    return tuple(dict.fromkeys(line.terms_id for line in custody.order.lines if line.line_id in wanted))


def asked(
    caller: Caller, key: str, if_match: str, content_type: str, method: str, path: str, body: bytes
) -> Asked:
    """What a writing request brings. Raises `ProblemRaised` for headers that cannot be read."""
    if body and content_type.partition(";")[0].strip().lower() != "application/json":
        what = f"The body is {content_type[:80]!r}" if content_type else "The body has no Content-Type"
        fail("unsupported_media_type", f"{what}; send application/json.", parameter="Content-Type")
    return Asked(caller, conditions(key, if_match, method, path, body))
