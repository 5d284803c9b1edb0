"""From what somebody typed to a command, with a sentence for each field that is not right."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from amends.application.findings import WEIGHTS
from amends.domain.cases import commands as c
from amends.domain.cases.dues import wanted_of_stock
from amends.domain.cases.model import (
    Case,
    EvidenceItem,
    Finding,
    Goods,
    Inspection,
    Reception,
    RefundStage,
    Remedy,
)
from amends.domain.cases.parcels import to_inspect, unsent
from amends.domain.cases.returning import WEIGHT_MAX_G
from amends.domain.evidence import FileRef
from amends.domain.orders import Method, Signal, Unit
from amends.domain.parties import Role
from amends.domain.refusals import Refused
from amends.interfaces.web import vocabulary
from amends.interfaces.web.parcel_words import in_parcel_field
from amends.interfaces.web.refusing import told
from amends.interfaces.web.words import N_, Words

TEXT_MAX = 4000
FINDINGS = 3
# What a file can be evidence as; a statement is words.
_FILE_KINDS = frozenset({"photo", "video", "receipt", "tracking", "document"})

#: What an offer or a decision can come to: (goods, whether it is an exchange, whether money is named).
REMEDY_KINDS: dict[str, str] = {
    "keep": N_("Refund, the item is kept"),
    "return": N_("Refund once the item is sent back"),
    "exchange_return": N_("Exchange once the item is sent back"),
    "exchange_keep": N_("Replacement, nothing is sent back"),
    "nothing": N_("No refund"),
}

# Where a refusal points to in a command, and the field of the form that says it.
_POINTED = {
    "goods": "what",
    "exchange_variant": "variant",
    "line_id": "quantity",
    "index": "quantity",
    "units": "quantity",
    "findings": "fact_1",
    "freight": "freight_paid",
    "until": "days",
}


class Form:
    """The fields of one form as they came. ``errors`` maps a field's name to what is wrong with it."""

    def __init__(self, values: Mapping[str, list[str]], words: Words, now: datetime) -> None:
        self.values = values
        self.words = words
        self.now = now
        self.errors: dict[str, str] = {}

    def raw(self, name: str) -> str:
        """What was typed, without the blanks around it; empty where nothing was."""
        found = self.values.get(name) or [""]
        return found[-1].strip()

    def wrong(self, name: str, message: str, **values: object) -> None:
        """Remember the first thing wrong with a field."""
        self.errors.setdefault(name, self.words.say(message, **values))

    def error(self, name: str) -> str:
        """What is wrong with a field; empty where nothing is."""
        return self.errors.get(name, "")

    def text(self, name: str, missing: str = "", most: int = TEXT_MAX) -> str:
        """Free text; ``missing`` is what to say where it is empty and must not be."""
        typed = self.raw(name).replace("\r\n", "\n")
        if missing and not typed:
            self.wrong(name, missing)
        if len(typed) > most:
            self.wrong(name, N_("Use at most %(most)s characters."), most=self.words.number(most))
        return typed

    def choice(self, name: str, allowed: Mapping[str, object] | tuple[str, ...], missing: str) -> str:
        """One of the values on offer; ``missing`` is what to say where none was chosen."""
        chosen = self.raw(name)
        if chosen not in allowed:
            self.wrong(name, missing)
            return ""
        return chosen

    def amount(self, name: str, currency: str, most: int, *, zero: bool = False) -> int:
        """Minor units of an amount typed in major units, up to ``most``."""
        typed = self.raw(name)
        if not typed:
            self.wrong(name, N_("Enter an amount."))
            return 0
        value = self.words.read_amount(typed, currency)
        example = self.words.amount_field(most, currency)
        if value is None or value < 0:
            self.wrong(name, N_("Enter an amount as a number, for example %(example)s."), example=example)
            return 0
        if value == 0 and not zero:
            self.wrong(name, N_("Enter an amount above zero."))
        if value > most:
            self.wrong(name, N_("Enter at most %(most)s."), most=self.words.money(most, currency))
        return value

    def whole(self, name: str, most: int, missing: str) -> int:
        """A whole number from 1 to ``most``."""
        typed = self.raw(name)
        if not typed.isdecimal() or not 1 <= int(typed[:9]) <= most:
            self.wrong(name, missing)
            return 1
        return int(typed)

    def remedy(self, currency: str, most: int) -> Remedy:
        """An offer's or a decision's remedy from the fields what, amount, variant and freight."""
        what = self.choice("what", REMEDY_KINDS, N_("Choose what should happen."))
        freight = Role.BUYER if self.raw("freight") == "buyer" else Role.SELLER
        if what == "nothing" or not what:
            return Remedy(amount=0, freight_payer=freight)
        if what.startswith("exchange"):
            variant = self.text("variant", N_("Say what it is exchanged for."), 200)
            goods = Goods.RETURN if what == "exchange_return" else Goods.KEEP
            return Remedy(amount=most, goods=goods, exchange_variant=variant, freight_payer=freight)
        goods = Goods.RETURN if what == "return" else Goods.KEEP
        return Remedy(amount=self.amount("amount", currency, most), goods=goods, freight_payer=freight)

    def evidence(self, by: Role, *, required: bool = False) -> tuple[EvidenceItem, ...]:
        """One piece of evidence from the fields kind, evidence and url, and one for each file sent."""
        kind, files = self.raw("kind"), self.sent_files()
        required = required and not files
        note = self.text("evidence", N_("Describe your evidence, or send a file.") if required else "")
        url = self.text("url", most=500)
        if url and not url.startswith("https://"):
            self.wrong("url", N_("Enter an address that starts with https://"))
        if url and not note:
            self.wrong("evidence", N_("Say what the link shows."))
        if files:
            shown = self.file_items(by, kind if kind in _FILE_KINDS else "", note)
            return (*shown, EvidenceItem(by=by, kind=kind, note=note, at=self.now, url=url)) if url else shown
        if not note:
            return ()
        kind = kind or "statement"
        if kind not in vocabulary.EVIDENCE_KINDS:
            self.wrong("kind", N_("Choose a kind of evidence."))
        return (EvidenceItem(by=by, kind=kind, note=note, at=self.now, url=url),)

    def sent_files(self) -> tuple[str, ...]:
        """The ids of the files that were sent for this form."""
        return tuple(dict.fromkeys(one for one in self.values.get("file_id", ()) if one))

    def file_items(self, by: Role, kind: str = "", note: str = "") -> tuple[EvidenceItem, ...]:
        """One piece of evidence a file; no kind: the file's own, no note: its name."""
        return tuple(
            EvidenceItem(by=by, kind=kind, note=note, at=self.now, file=FileRef(file_id))
            for file_id in self.sent_files()
        )

    def refused(self, refused: Refused, currency: str) -> None:
        """Put a refusal where it belongs: at the field it points to, or at the form as a whole."""
        last = refused.pointer.rpartition("/")[2]
        field = _POINTED.get(last, last)
        if field not in self.values:
            field = ""
        self.wrong(field, refusal(refused, self.words, currency))


class CaseForm(Form):
    """A form of the page of ``case``, sent by ``role``; ``most`` minor units can still be refunded."""

    def __init__(
        self,
        values: Mapping[str, list[str]],
        words: Words,
        now: datetime,
        *,
        case: Case,
        role: Role,
        most: int,
    ) -> None:
        super().__init__(values, words, now)
        self.case = case
        self.role = role
        self.most = most


def refusal(refused: Refused, words: Words, currency: str) -> str:
    """A refusal in words."""
    return told(refused, words, currency)


Builder = Callable[[CaseForm], c.CaseCommand]


def command(action: str, form: CaseForm) -> c.CaseCommand | None:
    """The command of a case's form; None where a field is wrong, see ``form.errors``.

    Raises `KeyError` for an unknown action.
    """
    built = _BUILDERS[action](form)
    return None if form.errors else built


def _make_offer(form: CaseForm) -> c.CaseCommand:
    remedy = form.remedy(form.case.currency, form.most)
    return c.MakeOffer(remedy=remedy, note=form.text("note"), evidence=form.file_items(form.role))


def _accept_offer(form: CaseForm) -> c.CaseCommand:
    typed = form.raw("offer_id")
    return c.AcceptOffer(offer_id=int(typed[:9]) if typed.isdecimal() else None)


def _add_evidence(form: CaseForm) -> c.CaseCommand:
    return c.AddEvidence(items=form.evidence(form.role, required=True))


def _submit_evidence(form: CaseForm) -> c.CaseCommand:
    return c.SubmitEvidence(items=form.evidence(form.role, required=True))


def _request_evidence(form: CaseForm) -> c.CaseCommand:
    asked = form.choice("of", ("buyer", "seller"), N_("Choose whom you ask."))
    wanted = form.text("items", N_("Name the evidence you need, one piece a line."))
    items = tuple(line.strip() for line in wanted.splitlines() if line.strip())
    return c.RequestEvidence(of=Role(asked or "buyer"), items=items)


def _rule(form: CaseForm) -> c.CaseCommand:
    findings = []
    for n in range(1, FINDINGS + 1):
        fact, clause = form.text(f"fact_{n}"), form.raw(f"clause_{n}")
        if fact and not clause:
            form.wrong(f"clause_{n}", N_("Choose the clause this fact falls under."))
        if fact:
            weight = form.raw(f"weight_{n}")
            if weight not in WEIGHTS:
                weight = "" if n > 1 else "decisive"
            told = form.text(f"evidence_{n}")
            findings.append(Finding(fact=fact, clause=clause, evidence=told, weight=weight))
    if not findings:
        form.wrong("fact_1", N_("Name at least one fact you found."))
    reasons = form.text("reasons", N_("Explain your decision to both sides."))
    return c.Rule(
        remedy=form.remedy(form.case.currency, form.most),
        reasons=reasons,
        findings=tuple(findings),
        otherwise=form.text("otherwise"),
    )


def _confirm_ruling(form: CaseForm) -> c.CaseCommand:
    answer = form.choice("agreed", ("yes", "no"), N_("Choose whether you agree."))
    note = form.text("note", N_("Say what has to be looked at again.") if answer == "no" else "")
    return c.ConfirmRuling(agreed=answer == "yes", note=note)


def _appeal(form: CaseForm) -> c.CaseCommand:
    note = form.text("note", N_("Say why the decision is wrong."))
    return c.Appeal(note=note, evidence=form.evidence(form.role, required=True))


def _give_instructions(form: CaseForm) -> c.CaseCommand:
    address = form.text("address", N_("Enter the address to send it to."), 500)
    label = form.choice("label", vocabulary.LABELS, N_("Choose who provides the label."))
    return c.GiveInstructions(address=address, note=form.text("note"), label=label)


def _ship_return(form: CaseForm) -> c.CaseCommand:
    carrier, number = _parcel(form)
    typed = form.raw("freight_paid")
    freight = form.words.read_amount(typed, form.case.currency) if typed else 0
    if freight is None or freight < 0:
        form.wrong("freight_paid", N_("Enter what you paid as a number, or leave it empty."))
    return c.ShipReturn(
        units=_in_parcel(form),
        carrier=carrier,
        tracking_number=number,
        receipt=form.text("receipt", most=500),
        freight=freight or 0,
        evidence=form.file_items(form.role, "receipt"),
    )


def _in_parcel(form: CaseForm) -> tuple[Unit, ...]:
    """Which pieces are in this parcel: of each line the first ones left. None where it is all of them."""
    rest = unsent(form.case)
    chosen: list[Unit] = []
    for line_id in dict.fromkeys(unit.line_id for unit in rest):
        left = [unit for unit in rest if unit.line_id == line_id]
        name = in_parcel_field(line_id)
        typed = form.raw(name) or ("" if name in form.values else str(len(left)))
        if not typed.isdecimal() or int(typed[:9]) > len(left):
            form.wrong(name, N_("Enter a number from 0 to %(most)s."), most=form.words.number(len(left)))
        else:
            chosen += left[: int(typed[:9])]
    if rest and not chosen:
        form.wrong(in_parcel_field(rest[0].line_id), N_("Say what is in this parcel."))
    return () if len(chosen) == len(rest) else tuple(chosen)


def _issue_label(form: CaseForm) -> c.CaseCommand:
    carrier, number = _parcel(form)
    price = form.amount("price", form.case.currency, form.most, zero=True)
    return c.IssueLabel(carrier=carrier, service="", tracking_number=number, price=price)


def _add_freight_receipt(form: CaseForm) -> c.CaseCommand:
    typed = form.raw("freight_paid")
    freight = form.words.read_amount(typed, form.case.currency) if typed else None
    if freight is None or freight <= 0:
        form.wrong("freight_paid", N_("Enter what you paid for the postage."))
    receipt = form.text("receipt", N_("Say which receipt shows it."), 500)
    return c.AddFreightReceipt(freight=freight or 0, receipt=receipt, tracking_number=_which(form))


def _record_payment(form: CaseForm) -> c.CaseCommand:
    typed = form.words.read_amount(form.raw("amount"), form.case.currency)
    if typed is None or typed <= 0:
        form.wrong("amount", N_("Enter the amount that was taken."))
    method = form.choice("method", vocabulary.METHODS, N_("Choose how it was paid."))
    return c.RecordPayment(
        amount=typed or 0, method=Method(method or "card"), reference=form.text("reference", most=80)
    )


def _sure(form: CaseForm) -> None:
    if form.raw("sure") != "yes":
        form.wrong("sure", N_("Confirm that you want this."))


def _decline_exchange(form: CaseForm) -> c.CaseCommand:
    _sure(form)
    return c.DeclineExchange()


def _decline_replacement(form: CaseForm) -> c.CaseCommand:
    _sure(form)
    return c.DeclineReplacement(note=form.text("note"))


def _record_reservation(form: CaseForm) -> c.CaseCommand:
    days = form.raw("days")
    if not (days.isdecimal() and 1 <= int(days[:4]) <= 365):
        form.wrong("days", N_("Enter a number of days from 1 to 365."))
        days = "1"
    return c.RecordReservation(
        variant=wanted_of_stock(form.case),
        until=form.now + timedelta(days=int(days)),
        reference=form.text("reference", most=80),
    )


def _record_sold_out(form: CaseForm) -> c.CaseCommand:
    _sure(form)
    return c.RecordSoldOut(variant=wanted_of_stock(form.case))


def _ship_replacement(form: CaseForm) -> c.CaseCommand:
    carrier, number = _parcel(form)
    return c.ShipReplacement(carrier=carrier, tracking_number=number)


def _parcel(form: Form) -> tuple[str, str]:
    return (
        form.text("carrier", N_("Enter the carrier."), 80),
        form.text("tracking_number", N_("Enter the tracking number."), 80),
    )


def _scan(form: Form) -> Signal:
    signals = {signal.value: signal for signal in Signal}
    return signals.get(form.choice("signal", signals, N_("Choose what the carrier says.")), Signal.IN_TRANSIT)


def _record_return_scan(form: CaseForm) -> c.CaseCommand:
    return c.RecordReturnScan(
        tracking_number=_which(form),
        signal=_scan(form),
        scanned_at=form.now,
        note=form.text("note", most=500),
    )


def _which(form: CaseForm) -> str:
    """The number of the parcel that is meant, where a return goes in several."""
    if len(form.case.parcels) <= 1:
        return ""
    numbers = tuple(parcel.tracking_number for parcel in form.case.parcels)
    return form.choice("parcel", numbers, N_("Choose the parcel."))


def _record_replacement_scan(form: CaseForm) -> c.CaseCommand:
    return c.RecordReplacementScan(signal=_scan(form), scanned_at=form.now, note=form.text("note", most=500))


def _inspect_return(form: CaseForm) -> c.CaseCommand:
    inspections = []
    for n, unit in enumerate(to_inspect(form.case), 1):
        reception = form.choice(f"reception_{n}", vocabulary.RECEPTIONS, N_("Choose how it arrived."))
        verdict = form.choice(f"accepted_{n}", ("yes", "no"), N_("Choose whether you accept it."))
        ground = form.raw(f"ground_{n}")
        if verdict == "no" and ground not in vocabulary.REJECT_GROUNDS:
            form.wrong(f"ground_{n}", N_("Choose the ground on which you reject it."))
        inspections.append(
            Inspection(
                unit=unit,
                reception=Reception(reception or "received"),
                accepted=verdict == "yes",
                ground=ground if verdict == "no" else "",
                note=form.text(f"note_{n}"),
            )
        )
    weight = form.raw("weight_g")
    if weight and not (weight.isdecimal() and int(weight[:9]) <= WEIGHT_MAX_G):
        form.wrong("weight_g", N_("Enter the weight in grams, without a point, or leave it empty."))
        weight = ""
    return c.InspectReturn(
        inspections=tuple(inspections),
        evidence=form.file_items(form.role),
        weight_g=int(weight or "0"),
    )


def _contest_rejection(form: CaseForm) -> c.CaseCommand:
    note = form.text("note", N_("Say why the rejection is wrong."))
    return c.ContestRejection(note=note, evidence=form.evidence(form.role))


def _refund_id(form: CaseForm) -> str:
    open_ids = tuple(r.refund_id for r in form.case.refunds if r.stage is RefundStage.INITIATED)
    return form.choice("refund_id", open_ids, N_("Choose a refund that is on its way."))


def _confirm_refund(form: CaseForm) -> c.CaseCommand:
    return c.ConfirmRefund(refund_id=_refund_id(form))


def _fail_refund(form: CaseForm) -> c.CaseCommand:
    return c.FailRefund(refund_id=_refund_id(form), why=form.text("why", N_("Say what the provider said.")))


def _choose_refund_method(form: CaseForm) -> c.CaseCommand:
    method = form.choice("method", ("balance", "bank_transfer"), N_("Choose where your money goes."))
    destination = form.text("destination", most=80)
    if method == "bank_transfer" and not destination:
        form.wrong("destination", N_("Enter the account the money should go to."))
    return c.ChooseRefundMethod(method=method, destination=destination if method == "bank_transfer" else "")


def _withdraw(form: CaseForm) -> c.CaseCommand:
    if form.raw("sure") != "yes":
        form.wrong("sure", N_("Confirm that you want to withdraw this case."))
    return c.Withdraw()


def _reopen(form: CaseForm) -> c.CaseCommand:
    return c.Reopen(reason=form.text("reason", N_("Say what new facts there are.")))


_BUILDERS: dict[str, Builder] = {
    "submit_draft": lambda _: c.SubmitDraft(),
    "add_evidence": _add_evidence,
    "make_offer": _make_offer,
    "accept_offer": _accept_offer,
    "decline_offer": lambda form: c.DeclineOffer(note=form.text("note")),
    "escalate": lambda form: c.Escalate(note=form.text("note")),
    "take_case": lambda _: c.TakeCase(),
    "assign_case": lambda form: c.AssignCase(mediator_id=form.text("mediator_id", most=100)),
    "request_evidence": _request_evidence,
    "submit_evidence": _submit_evidence,
    "rule": _rule,
    "confirm_ruling": _confirm_ruling,
    "accept_ruling": lambda _: c.AcceptRuling(),
    "appeal": _appeal,
    "give_instructions": _give_instructions,
    "ship_return": _ship_return,
    "record_return_scan": _record_return_scan,
    "inspect_return": _inspect_return,
    "accept_rejection": lambda _: c.AcceptRejection(),
    "contest_rejection": _contest_rejection,
    "issue_label": _issue_label,
    "add_freight_receipt": _add_freight_receipt,
    "record_payment": _record_payment,
    "decline_exchange": _decline_exchange,
    "decline_replacement": _decline_replacement,
    "record_reservation": _record_reservation,
    "record_sold_out": _record_sold_out,
    "ship_replacement": _ship_replacement,
    "record_replacement_scan": _record_replacement_scan,
    "confirm_replacement": lambda _: c.ConfirmReplacement(),
    "confirm_refund": _confirm_refund,
    "fail_refund": _fail_refund,
    "choose_refund_method": _choose_refund_method,
    "withdraw": _withdraw,
    "reopen": _reopen,
}

#: Every action of a case that has a form here. Changing a draft has pages of its own.
OFFERED = frozenset(_BUILDERS) | {"edit_draft"}
