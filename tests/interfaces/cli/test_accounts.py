"""`amends accounts`: staff get in, and out."""

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from tests.interfaces.web.house import open_house

from amends.adapters.memory.outbox import MemoryOutbox
from amends.adapters.memory.store import MemoryStore
from amends.application.accounts import Accounts
from amends.application.people import COMMAND_LINE
from amends.application.ports.accounts import Account
from amends.application.ports.people import PeopleFilter
from amends.domain.parties import Role
from amends.interfaces.cli.app import cli


class Doors:
    """Behind the command line: accounts in memory."""

    def __init__(self) -> None:
        self.accounts: Accounts = open_house(MemoryOutbox(MemoryStore()), lambda: datetime.now(UTC))

    async def add_account(self, role: Role, email: str, name: str, party: str) -> str | None:
        return await self.accounts.add_by_link(role, email, name, party)

    async def find_accounts(self, text: str) -> list[Account]:
        return list((await self.accounts.people.find(PeopleFilter(text=text))).accounts)

    async def suspend_account(self, email: str, why: str) -> bool:
        found = await self.accounts.roster.by_email(email)
        if found is None:
            return False
        return await self.accounts.people.suspend(COMMAND_LINE, found.account_id, why) is None

    async def restore_account(self, email: str) -> bool:
        found = await self.accounts.roster.by_email(email)
        if found is None:
            return False
        return await self.accounts.people.restore(COMMAND_LINE, found.account_id) is None


@pytest.fixture
def doors() -> Doors:
    return Doors()


def run(doors: Doors, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["accounts", *words], obj=doors)
    return result.exit_code, result.output


@pytest.mark.row("A1")
def test_staff_are_added_with_a_link_to_set_a_password(doors: Doors) -> None:
    code, said = run(doors, "add", "mediator", "ines@org.example", "--name", "Ines", "--party", "med-1")
    assert code == 0
    assert said.startswith("http://town.example/reset/")
    code, said = run(doors, "list", "ines")
    assert "med-1" in said


def test_an_address_is_taken_once_and_has_to_be_one(doors: Doors) -> None:
    run(doors, "add", "operator", "kim@org.example")
    code, said = run(doors, "add", "mediator", "KIM@org.example")
    assert (code, "There is an account" in said) == (1, True)
    code, said = run(doors, "add", "operator", "kim")
    assert (code, "no mail address" in said) == (1, True)
    code, said = run(doors, "add", "carrier", "x@org.example")
    assert code == 2


def test_who_is_suspended_is_listed_so_until_restored(doors: Doors) -> None:
    run(doors, "add", "operator", "kim@org.example")
    assert run(doors, "suspend", "kim@org.example", "--why", "Left") == (0, "")
    assert "20" in run(doors, "list", "kim")[1].splitlines()[-2]
    assert run(doors, "restore", "kim@org.example") == (0, "")
    code, said = run(doors, "suspend", "nobody@org.example", "--why", "Left")
    assert (code, "There is no account under nobody@org.example." in said) == (1, True)
