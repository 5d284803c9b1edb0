"""The steps of the policy studio: what somebody can do with a version of a pack, as it is kept."""

from datetime import datetime

import msgspec


class Started(msgspec.Struct, frozen=True, kw_only=True, tag="started"):
    """A version was begun with a text; ``base`` is what it was copied from (``default@1``), empty if new."""

    text: str
    base: str = ""
    note: str = ""


class Edited(msgspec.Struct, frozen=True, kw_only=True, tag="edited"):
    """The draft's text was replaced; ``note`` says what for."""

    text: str
    note: str = ""


class Commented(msgspec.Struct, frozen=True, kw_only=True, tag="commented"):
    """Somebody said something about a clause, or about the whole where ``clause`` is empty."""

    note: str
    clause: str = ""


class Submitted(msgspec.Struct, frozen=True, kw_only=True, tag="submitted"):
    """The draft was sent for review; ``note`` says why the policy should change."""

    note: str


class Returned(msgspec.Struct, frozen=True, kw_only=True, tag="returned"):
    """It went back to being a draft; ``note`` says what is missing."""

    note: str


class Approved(msgspec.Struct, frozen=True, kw_only=True, tag="approved"):
    """A second person agreed."""

    note: str = ""


class Published(msgspec.Struct, frozen=True, kw_only=True, tag="published"):
    """Orders placed from ``since`` on fall under it."""

    since: datetime
    note: str = ""


class Withdrawn(msgspec.Struct, frozen=True, kw_only=True, tag="withdrawn"):
    """It was given up before it came into force; ``note`` says why."""

    note: str


Step = Started | Edited | Commented | Submitted | Returned | Approved | Published | Withdrawn


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One step, never changed: ``seq`` counts all steps from 1, ``by`` is who (``operator:kaya``)."""

    seq: int
    pack_id: str
    version: int
    at: datetime
    by: str
    step: Step
