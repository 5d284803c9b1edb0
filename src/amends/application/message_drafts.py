"""What somebody is about to say: what is wrong with it, and what it comes to."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from amends.application import ready_made
from amends.application.permissions import Caller
from amends.application.words import Words
from amends.domain.cases.model import Case, State
from amends.domain.custody.model import Custody
from amends.domain.messages import FILES_MAX, TEXT_MAX, VALUE_MAX
from amends.domain.refusals import Refused


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to say. A ready-made message names its ``template`` and fills its fields.

    ``text`` that differs from what the ready-made message says is free text; the name is then forgotten.
    """

    text: str = ""
    case_id: str = ""
    template: str = ""
    values: Mapping[str, str] = {}
    files: tuple[str, ...] = ()
    internal: bool = False


def refusal(draft: Draft, caller: Caller, cases: Sequence[Case]) -> Refused | None:
    """What is wrong with a draft; ``cases`` are those the writer may see."""
    about = next((case for case in cases if case.case_id == draft.case_id), None)
    if draft.case_id and about is None:
        detail = f"There is no case {draft.case_id} on this order."
        return Refused(kind="not_found", detail=detail, pointer="/case_id")
    if about is not None and about.state is State.DRAFTING:
        detail = "A draft is nobody's business yet: send it first."
        return Refused(kind="not_possible_now", detail=detail, pointer="/case_id")
    if draft.template and draft.template not in ready_made.templates_for(caller.domain_role):
        detail = "There is no such ready-made message for you."
        return Refused(kind="invalid", detail=detail, pointer="/template")
    wrong = next(_faults(draft), None)
    return Refused(kind="invalid", detail=wrong[1], pointer=wrong[0]) if wrong else None


def _faults(draft: Draft) -> Iterator[tuple[str, str]]:
    template = ready_made.TEMPLATES.get(draft.template)
    for name in template.fields if template and not draft.text else ():
        if not draft.values.get(name, "").strip():
            yield f"/values/{name}", f"The ready-made message wants {name!r}."
    if not draft.text.strip() and not draft.template and not draft.files:
        yield "/text", "Write a message or attach a file."
    if len(draft.text) > TEXT_MAX:
        yield "/text", f"A message has at most {TEXT_MAX} characters."
    if "\x00" in draft.text or any("\x00" in value for value in draft.values.values()):
        yield "/text", "A message cannot have the character U+0000."
    if any(len(value) > VALUE_MAX for value in draft.values.values()):
        yield "/values", f"A field has at most {VALUE_MAX} characters."
    if draft.internal and draft.files:
        yield "/files", "An internal note carries no files: everybody on the order would see them."
    if len(draft.files) > FILES_MAX:
        yield "/files", f"A message carries at most {FILES_MAX} files."


def chosen(draft: Draft, custody: Custody, cases: Sequence[Case], words: Words) -> tuple[str, str]:
    """The text of a draft, and the ready-made message it still is."""
    typed = draft.text.strip()
    if not draft.template:
        return typed, ""
    about = next((case for case in cases if case.case_id == draft.case_id), None)
    said = ready_made.said(draft.template, draft.values, custody, about, words)
    if not typed or _plain(typed) == _plain(said):
        return said, draft.template
    return typed, ""


def _plain(text: str) -> str:
    return " ".join(text.split())
