"""People's notices in memory."""

from collections.abc import Sequence

from amends.application.ports import Letter
from amends.domain.parties import Actor


class MemoryInbox:
    """Keeps what `amends.application.ports.Inbox` promises, as long as the process lives."""

    def __init__(self) -> None:
        self._letters: dict[str, Letter] = {}
        self._mailed: set[str] = set()

    async def put(self, letters: Sequence[Letter]) -> Sequence[Letter]:
        for letter in letters:
            self._letters.setdefault(letter.notice_id, letter)
        return [letter for letter in letters if letter.notice_id not in self._mailed]

    async def mailed(self, notice_ids: Sequence[str]) -> None:
        self._mailed.update(notice_ids)

    async def of(self, person: Actor, limit: int) -> Sequence[Letter]:
        theirs = [letter for letter in self._letters.values() if letter.to == person]
        return sorted(theirs, key=lambda letter: (letter.at, letter.notice_id), reverse=True)[:limit]
