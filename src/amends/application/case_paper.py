"""The case file on paper, in the reader's words: one timeline, evidence, decisions, money, rules."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from amends.application import case_words as v
from amends.application import findings
from amends.application.case_file import CaseFiles, Dossier, Entry
from amends.application.evidence import THUMB
from amends.application.ports.dossiers import DossierFacts, Dossiers, Exhibit, Line
from amends.application.ports.messages import Message
from amends.application.words import N_, Words
from amends.domain.cases.model import EvidenceItem, Finding, Remedy, Ruling
from amends.domain.chain import Recorded
from amends.domain.custody import events as o
from amends.domain.parties import Role
from amends.domain.policy.terms import ClauseText

PICTURES_MAX = 60
_UNTOLD = (o.CaseCounted, o.CaseEnded, o.MoneyMoved)
Names = Callable[[Role, str], str]


class Tells(Protocol):
    """Puts what happened into words."""

    def tell(self, recorded: Recorded) -> tuple[str, str]:
        """The sentence and the details of one event."""

    def remedy(self, remedy: Remedy) -> str:
        """A remedy with its amount."""

    def reason(self, code: str) -> str:
        """What a case is about."""


Tellers = Callable[[Words, str, Callable[[Role], str]], Tells]


class CasePapers:
    """Makes PDF of case files."""

    def __init__(self, files: CaseFiles, dossiers: Dossiers, tellers: Tellers, names: Names) -> None:
        self._files = files
        self._dossiers = dossiers
        self._tellers = tellers
        self._names = names

    async def pdf(self, dossier: Dossier, words: Words) -> bytes:
        """The PDF. Raises `amends.application.ports.carriers.PapersUnavailable`."""
        pictures: dict[str, bytes] = {}
        for piece in dossier.pieces:
            if piece.file.pictured and len(pictures) < PICTURES_MAX:
                read = [part async for part in self._files.room.bytes_of(piece.file, THUMB)]
                pictures[piece.file.file_id] = b"".join(read)
        facts = _Paper(dossier, words, self._tellers, self._names).facts(frozenset(pictures))
        return await self._dossiers.dossier(facts, pictures)


class _Paper:
    def __init__(self, dossier: Dossier, words: Words, tellers: Tellers, names: Names) -> None:
        self.dossier, self.words, self.say, self._names = dossier, words, words.say, names
        self.case, self.currency = dossier.case, dossier.case.currency
        self.teller = tellers(words, self.currency, self.party)

    def facts(self, pictures: frozenset[str]) -> DossierFacts:
        dossier, say = self.dossier, self.say
        last = max(entries[-1].link.recorded.at for entries in dossier.streams.values())
        return DossierFacts(
            title=say(N_("Case file %(case)s"), case=self.case.case_id),
            lang=self.words.locale.language,
            rtl=self.words.direction == "rtl",
            at=max([last, *(one.at for one in dossier.messages)]),
            words={name: say(text) for name, text in v.HEADINGS.items()},
            pairs=tuple(self._pairs()),
            story=self.case.story,
            timeline=tuple(line for _, line in sorted(self._moments(), key=lambda one: one[0])),
            exhibits=tuple(self._exhibits(pictures)),
            decisions=tuple(self._decision(n, one) for n, one in enumerate(self.case.rulings)),
            money=tuple(self._money()),
            clauses=tuple((one.id, say(one.sentence), one.citation) for one in self._clauses()),
            seals=tuple(dossier.heads.items()),
            unreadable=say(v.UNREADABLE),
            footer=say(
                N_("Case %(case)s, order %(order)s"), case=self.case.case_id, order=self.case.order_id
            ),
        )

    def party(self, role: Role) -> str:
        """Somebody by name and role; staff by their role alone."""
        title = self.say(v.ROLES[role])
        person = {Role.BUYER: self.case.buyer_id, Role.SELLER: self.case.seller_id}.get(role)
        if person is None:
            return title
        return self.say(N_("%(name)s (%(role)s)"), name=self._names(role, person), role=title.lower())

    def _pairs(self) -> Iterator[tuple[str, str]]:
        case, order, words = self.case, self.dossier.custody.order, self.words
        yield self.say(N_("Order")), case.order_id
        for role in (Role.BUYER, Role.SELLER):
            yield self.say(v.ROLES[role]), self.party(role)
        lines = {unit.line_id for unit in case.units}
        yield self.say(N_("Item")), words.listing([one.title for one in order.lines if one.line_id in lines])
        yield self.say(N_("Pieces")), words.number(len(case.units))
        yield self.say(N_("Reason")), self.teller.reason(case.reason)
        yield self.say(N_("Wanted")), self._remedy(case.wanted)
        yield self.say(N_("Opened")), words.stamp(case.opened_at)
        if case.closed_at is not None:
            yield self.say(N_("Closed")), words.stamp(case.closed_at)
        elif case.waiting is not None:
            yield self.say(N_("Waits on")), self.party(case.waiting.on)
            yield self.say(N_("Until")), words.stamp(case.waiting.until)
        if case.settlement is not None:
            yield self.say(N_("Agreed or decided")), self._remedy(case.settlement.remedy)
        yield self.say(N_("Times are those of")), self.words.zone.key

    def _remedy(self, remedy: Remedy) -> str:
        told = self.teller.remedy(remedy)
        return told[:1].upper() + told[1:]

    # What happened

    def _moments(self) -> Iterator[tuple[datetime, Line]]:
        # Of one instant, what the order says comes before what follows from it.
        for entries in reversed(self.dossier.streams.values()):
            for entry in entries:
                yield from self._event(entry)
        for message in self.dossier.messages:
            yield message.at, self._message(message)

    def _event(self, entry: Entry) -> Iterator[tuple[datetime, Line]]:
        one = entry.link.recorded
        if isinstance(one.event, _UNTOLD):
            return
        if entry.withheld:
            yield one.at, self._line(one.at, self.say(N_("Something that is left out of this copy")), "")
            return
        if isinstance(one.event, o.TrackingRecorded):
            for scan in one.event.scans:
                alone = replace(one, event=replace(one.event, scans=(scan,)))
                yield scan.at, self._line(scan.at, *self.teller.tell(alone))
            return
        member = self.dossier.members.get(one.name, "")
        what, detail = self.teller.tell(one)
        yield one.at, self._line(one.at, what, " · ".join(filter(None, (member, detail))))

    def _message(self, message: Message) -> Line:
        said = N_("%(who)s wrote a note for staff") if message.internal else N_("%(who)s wrote")
        return self._line(message.at, self.say(said, who=self.party(message.author.role)), message.text)

    def _line(self, at: datetime, what: str, detail: str) -> Line:
        return Line(at=self.words.stamp(at), what=what, detail=detail)

    # What was shown, decided and paid

    def _exhibits(self, pictures: frozenset[str]) -> Iterator[Exhibit]:
        named = set()
        for item in self.case.evidence:
            file_id = item.file.file_id if item.file else ""
            named.add(file_id)
            yield Exhibit(
                title=self._shown_by(item.at, self.party(item.by)),
                note=self._note(item),
                picture=file_id if file_id in pictures else "",
            )
        for piece in self.dossier.pieces:
            file = piece.file
            if file.file_id not in named:
                picture = file.file_id if file.file_id in pictures else ""
                title = self._shown_by(file.at, self.party(file.by.role))
                yield Exhibit(title=title, note=file.name, picture=picture)

    def _shown_by(self, at: datetime, who: str) -> str:
        return self.say(N_("%(who)s, %(when)s"), who=who, when=self.words.stamp(at))

    def _decision(self, number: int, ruling: Ruling) -> tuple[str, ...]:
        reasons = findings.reasons(ruling, self.say, self._kinds)
        found = [self._finding(one) for one in ruling.findings]
        after = list(self._afterwards(number))
        if ruling.confirmed_by:
            after.append(self.say(findings.CONFIRMED))
        return self.words.stamp(ruling.at), self._remedy(ruling.remedy), reasons, *found, *after

    def _finding(self, one: Finding) -> str:
        told = f"{findings.fact(one, self.say, self._kinds)} ({one.clause})"
        if one.evidence:
            told = self.say(N_("%(told)s Evidence: %(evidence)s."), told=told, evidence=one.evidence)
        if one.weight not in findings.WEIGHTS:
            return told
        return self.say(N_("%(weight)s: %(told)s"), weight=self.say(findings.WEIGHTS[one.weight]), told=told)

    def _afterwards(self, number: int) -> Iterator[str]:
        """Who showed what when it was decided, and what would have changed it."""
        seen = self.dossier.hindsights[number] if number < len(self.dossier.hindsights) else None
        if seen is None:
            return
        for role, items in seen.shown.items():
            named = [self._note(item) for item in items]
            yield findings.shown(role, named, self.say, self.words.listing)
        said = self.dossier.case.rulings[number].otherwise
        if said:
            yield self.say(findings.CHANGED, said=said)
        if not seen.followed:
            yield self.say(findings.OTHERWISE, remedy=self._remedy(seen.advised))
        for one in seen.turnings:
            yield findings.turned(one, self._remedy(one.remedy), self.say, self._kinds)

    def _kinds(self, kinds: Iterable[str]) -> str:
        named = [self.say(v.KINDS.get(one, one)) for one in kinds]
        return self.words.listing(named, "or") if named else ""

    def _money(self) -> Iterator[tuple[str, ...]]:
        for at, one in self.dossier.transfers:
            way = " → ".join(self.say(v.ACCOUNTS[side.value]) for side in (one.debit, one.credit))
            purpose, stage = self.say(v.PURPOSES.get(one.purpose, one.purpose)), v.STAGES[one.stage.value]
            amount = self.words.money(one.amount, self.currency)
            yield self.words.stamp(at), purpose, way, self.say(stage), amount

    def _clauses(self) -> Iterator[ClauseText]:
        """The clauses that the case itself names."""
        named: dict[str, None] = {}
        for entries in self.dossier.streams.values():
            for entry in entries:
                waiting = entry.link.recorded.event.waiting
                if waiting is not None and not entry.withheld:
                    named[waiting.clause] = None
        if self.case.settlement is not None:
            named[self.case.settlement.clause] = None
        named |= dict.fromkeys(one.clause for ruling in self.case.rulings for one in ruling.findings)
        texts = {name: text for terms in self.dossier.terms.values() for name, text in terms.clauses.items()}
        return (texts[name] for name in named if name in texts)

    def _note(self, item: EvidenceItem) -> str:
        kind = self.say(v.KINDS.get(item.kind, item.kind))
        return " · ".join(part for part in (kind, item.note, item.url) if part)
