"""Files that come with a form: taken in one after the other, each with an answer of its own."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import IO, cast

from litestar.datastructures import UploadFile
from msgspec import Struct

from amends.application.ports.files import StoredFile, Unfit
from amends.domain.custody.model import Custody
from amends.domain.evidence import Limits
from amends.domain.policy.terms import Terms
from amends.domain.policy.uploads import limits_of
from amends.interfaces.web.evidence_cards import ACCEPT, FileCard, file_card, hint, unfit
from amends.interfaces.web.visits import Visit

#: One form with all its files. What is sent goes to the disk, not into memory.
FORM_BYTES_MAX = 256 * 1024 * 1024
#: The field of new files, and the field of the ids of those that have been sent before.
FILES, FILE_ID = "files", "file_id"


class Received(Struct, frozen=True, kw_only=True):
    """What came with a form: files taken now or sent before, and a sentence for each that was not taken."""

    files: tuple[StoredFile, ...] = ()
    wrong: tuple[str, ...] = ()

    @property
    def ids(self) -> list[str]:
        """The ids for the form's own fields."""
        return [file.file_id for file in self.files]

    def cards(self, visit: Visit) -> tuple[FileCard, ...]:
        """As a form shows them that is shown again."""
        return tuple(file_card(visit, file) for file in self.files)


class Upload(Struct, frozen=True, kw_only=True):
    """What the file chooser of a form is drawn from; see ``templates/evidence_fields.html``.

    ``url`` is where a script sends each file as soon as it is chosen.
    """

    url: str
    hint: str
    cards: tuple[FileCard, ...] = ()
    error: str = ""
    accept: str = ACCEPT


def upload_of(visit: Visit, order_id: str, limits: Limits, got: Received | None = None) -> Upload:
    """The file chooser of an order's form, with what came with the form before."""
    got = got or Received()
    return Upload(
        url=f"/orders/{order_id}/files",
        hint=hint(visit, limits),
        cards=got.cards(visit),
        error=" ".join(got.wrong),
    )


async def received(
    visit: Visit, order_id: str, limits: Limits, sent_before: list[str] | None = None
) -> Received:
    """Take in the files of this request's form. ``sent_before`` are ids; others' fall away.

    What is taken stays taken when the rest of the form is wrong, so nothing has to be sent twice.
    """
    known = await visit.parts.evidence.mine(sent_before or [], order_id, visit.actor)
    return await received_by(visit, known, lambda upload: take(visit, upload, order_id, limits))


async def received_by(
    visit: Visit,
    known: Sequence[StoredFile],
    taken: Callable[[UploadFile], Awaitable[StoredFile | Unfit]],
) -> Received:
    """Take in the files of this request's form beside those ``known`` from before."""
    files = {one.file_id: one for one in known}
    wrong = []
    form = await visit.request.form()
    for upload in form.getall(FILES, []):
        # A chooser that was left empty sends a file without a name, which is closed like any other.
        if not isinstance(upload, UploadFile):
            continue
        if not upload.filename:
            await upload.close()
            continue
        found = await taken(upload)
        if isinstance(found, Unfit):
            wrong.append(unfit(visit, upload.filename, found))
        else:
            files[found.file_id] = found
    return Received(files=tuple(files.values()), wrong=tuple(wrong))


async def take(visit: Visit, upload: UploadFile, order_id: str, limits: Limits) -> StoredFile | Unfit:
    """Take in one file, and close it."""
    try:
        upload.file.rollover()
        source = cast("IO[bytes]", upload.file)
        return await visit.parts.evidence.take(
            source, name=upload.filename, order_id=order_id, by=visit.actor, limits=limits
        )
    finally:
        await upload.close()


def order_limits(custody: Custody, terms: Mapping[str, Terms]) -> Limits:
    """The limits of an order, by the terms of its first line."""
    return limits_of(terms.get(custody.order.lines[0].terms_id) if custody.order.lines else None)


async def limits_for(visit: Visit, custody: Custody) -> Limits:
    """The limits of an order whose terms are not at hand."""
    ids = [line.terms_id for line in custody.order.lines[:1]]
    return order_limits(custody, await visit.parts.reader.terms_of(ids))
