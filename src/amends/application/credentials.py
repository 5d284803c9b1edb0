"""Passwords: changed by who knows the old one, reset by who reads the account's mail."""

import secrets
from datetime import timedelta
from enum import StrEnum

from amends.application.account_mail import RESET_LIFE, AccountMail
from amends.application.ports import Clock
from amends.application.ports.accounts import AccountKeeping, Pass, Passwords, Purpose, SignedIn, email_key
from amends.application.sessions import Guest, Sessions, digest
from amends.application.signing_in import PASSWORD_MAX, PER_ACCOUNT, Limit, SigningIn, TooMany

__all__ = ["LENGTH_MIN", "RESET_LIFE", "Credentials", "Unfit", "unfit"]

# NIST SP 800-63B: length protects, rules about characters do not.
LENGTH_MIN = 10
_RESETS_PER_ACCOUNT = Limit(3, timedelta(hours=1))
_RESETS_PER_ADDRESS = Limit(20, timedelta(hours=1))
_FEW = 4


class Unfit(StrEnum):
    """Why a password is not taken."""

    SHORT = "short"
    LONG = "long"
    OWN = "own"
    SIMPLE = "simple"
    WRONG = "wrong"
    GONE = "gone"


class Credentials:
    """Sets and resets passwords."""

    def __init__(
        self,
        keeping: AccountKeeping,
        sessions: Sessions,
        passwords: Passwords,
        doors: SigningIn,
        mail: AccountMail,
        clock: Clock,
    ) -> None:
        self._keeping = keeping
        self._sessions = sessions
        self._passwords = passwords
        self._doors = doors
        self._mail = mail
        self._clock = clock

    async def change(self, signed_in: SignedIn, old: str, new: str) -> Unfit | TooMany | None:
        """Change the password, which ends every other session. Who never had one needs no old one."""
        account = signed_in.account
        if account.has_password:
            wait = await self._doors.attempt(f"password:{account.account_id}", PER_ACCOUNT)
            if wait is not None:
                return wait
            found = await self._keeping.password_of(account.email)
            right, _ = await self._passwords.verify(found[1] if found else "", old[:PASSWORD_MAX])
            if not right:
                return Unfit.WRONG
        if (why := unfit(new, account.email)) is not None:
            return why
        await self._keeping.set_password(account.account_id, await self._passwords.hashed(new))
        await self._sessions.end_others(signed_in)
        await self._keeping.withdraw_resets(account.account_id, self._clock.now())
        await self._mail.post("changed", account.email)
        return None

    async def forgotten(self, email: str, guest: Guest) -> TooMany | None:
        """Ask for a reset by mail. Whether there is an account is decided later, out of sight."""
        wait = await self._doors.attempt(f"reset:address:{guest.address}", _RESETS_PER_ADDRESS)
        if wait is not None:
            return wait
        bucket = f"reset:account:{digest(email_key(email)).hex()[:32]}"
        if await self._doors.attempt(bucket, _RESETS_PER_ACCOUNT) is None:
            await self._mail.post("reset", email_key(email)[:254])
        return None

    async def can_reset(self, token: str) -> bool:
        """Whether a link can still be used."""
        return await self._keeping.look(digest(token), Purpose.RESET, self._clock.now()) is not None

    async def reset(self, token: str, new: str) -> Unfit | None:
        """Set a new password with a link that works once. Every session of the account ends."""
        now = self._clock.now()
        found = await self._keeping.look(digest(token), Purpose.RESET, now)
        account = await self._keeping.get(found.account_id) if found else None
        if account is None:
            return Unfit.GONE
        if (why := unfit(new, account.email)) is not None:
            return why
        hashed = await self._passwords.hashed(new)
        if await self._keeping.use(digest(token), Purpose.RESET, now) is None:
            return Unfit.GONE
        await self._keeping.set_password(account.account_id, hashed)
        await self._keeping.end_all(account.account_id)
        await self._keeping.withdraw_resets(account.account_id, now)
        await self._mail.post("changed", account.email)
        return None

    async def first_link(self, account_id: str, life: timedelta) -> str:
        """A link by which a new account gets its password; for whoever made the account to pass on."""
        token = secrets.token_urlsafe(32)
        now = self._clock.now()
        one = Pass(
            digest=digest(token),
            purpose=Purpose.RESET,
            account_id=account_id,
            created_at=now,
            expires_at=now + life,
        )
        await self._keeping.issue(one)
        return self._mail.address(f"/reset/{token}")


def unfit(password: str, email: str) -> Unfit | None:
    """What is wrong with a new password; None where nothing is."""
    if len(password) < LENGTH_MIN:
        return Unfit.SHORT
    if len(password) > PASSWORD_MAX:
        return Unfit.LONG
    name = email_key(email).partition("@")[0]
    if name and len(name) >= _FEW and name in password.casefold():
        return Unfit.OWN
    if len(set(password.casefold())) <= _FEW:
        return Unfit.SIMPLE
    return None
