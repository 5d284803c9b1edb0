"""Mail about accounts. The outbox holds who is to be written to; links are made when the mail is sent.

So no token that opens an account is kept anywhere but in the mail, and a request for a reset takes as long
whether there is an account or not.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from amends.application.mailing import sent
from amends.application.ports import Clock, Errand, Mail
from amends.application.ports.accounts import AccountKeeping, Member, Pass, Purpose
from amends.application.ports.mail import Link, Mailing
from amends.application.ports.outbox import Outbox
from amends.application.sessions import digest
from amends.application.words import LANGUAGES, N_, Words

TOPIC = "account.mail"
RESET_LIFE = timedelta(minutes=30)
INVITATION_LIFE = timedelta(days=7)

# What each kind is called, says, and asks to press.
_WORDS: dict[str, tuple[str, str, str]] = {
    "reset": (
        N_("Set a new password"),
        N_(
            "Somebody asked for a new password for this address. If it was you, choose one within 30 minutes."
            "\n\nIf it was not you, there is nothing to do: your password stays as it is."
        ),
        N_("Choose a new password"),
    ),
    "changed": (
        N_("Your password was changed"),
        N_(
            "The password of your account was changed, and every other device was signed out."
            "\n\nIf it was not you, set a new one at once."
        ),
        N_("Set a new password"),
    ),
    "invitation": (
        N_("You are invited to a team"),
        N_(
            "%(team)s invites you to look after its orders and cases. The invitation is good for 7 days."
            "\n\nIf you do not know them, there is nothing to do."
        ),
        N_("Join the team"),
    ),
}


class MailBody(msgspec.Struct, frozen=True, kw_only=True):
    """The body of an ``account.mail`` errand. ``kind``: reset, changed, invitation.

    ``language`` (ISO 639-1) is for whoever has no account yet: that of those who invite them.
    """

    kind: str
    email: str
    role: str = ""
    party_id: str = ""
    member: str = Member.OWNER
    team: str = ""
    language: str = ""


class AccountMail:
    """Posts letters, and writes them when the outbox comes to them. ``base`` is this Amends' public address.

    ``now`` is the clock the outbox goes by; links run out by the world's.
    """

    def __init__(
        self,
        keeping: AccountKeeping,
        outbox: Outbox,
        mail: Mail,
        clock: Clock,
        base: str,
        now: Callable[[], datetime],
    ) -> None:
        self._keeping = keeping
        self._outbox = outbox
        self._mail = mail
        self._clock = clock
        self._base = base
        self._now = now

    def address(self, path: str) -> str:
        """The public address of a page."""
        return f"{self._base}{path}"

    async def post(self, kind: str, email: str, **more: str) -> None:
        """Put a letter into the outbox; nothing where there is no address."""
        if not email:
            return
        body = MailBody(kind=kind, email=email, **more)
        errand = Errand(
            errand_id=f"account:{kind}:{secrets.token_hex(12)}",
            topic=TOPIC,
            order_id="",
            case_id="",
            body=msgspec.to_builtins(body),
            due_at=self._now(),
        )
        await self._outbox.put([errand])

    async def deliver(self, errand: Errand) -> bool:
        """Write and send one letter; false where it did not go out and should be tried again."""
        body = msgspec.convert(errand.body, MailBody)
        account = await self._keeping.by_email(body.email)
        if body.kind == "invitation":
            link = await self._invitation(body)
        elif account is None or account.suspended_at is not None:
            return True
        elif body.kind == "reset":
            link = await self._reset(account.account_id)
        else:
            link = self.address("/forgotten")
        subject, text, button = _WORDS[body.kind]
        language = LANGUAGES.get(account.language if account else body.language)
        words = Words(language.locale) if language else Words()
        mailing = Mailing(
            # Each try has a link of its own, so it is a mail of its own.
            message_id=f"{errand.errand_id}:{errand.attempts}",
            to=body.email,
            subject=words.say(subject),
            text=words.say(text, team=body.team),
            at=self._now(),
            lang=words.lang,
            rtl=words.direction == "rtl",
            link=Link(words.say(button), link),
            footer=words.say(N_("You get this because it is about an account under this address.")),
        )
        return await sent(self._mail, mailing)

    async def _reset(self, account_id: str) -> str:
        token = secrets.token_urlsafe(32)
        now = self._clock.now()
        await self._keeping.issue(
            Pass(
                digest=digest(token),
                purpose=Purpose.RESET,
                account_id=account_id,
                created_at=now,
                expires_at=now + RESET_LIFE,
            )
        )
        return self.address(f"/reset/{token}")

    async def _invitation(self, body: MailBody) -> str:
        token = secrets.token_urlsafe(32)
        now = self._clock.now()
        await self._keeping.issue(
            Pass(
                digest=digest(token),
                purpose=Purpose.INVITATION,
                role=body.role,
                party_id=body.party_id,
                member=Member(body.member),
                email=body.email,
                name=body.team,
                created_at=now,
                expires_at=now + INVITATION_LIFE,
            )
        )
        return self.address(f"/invitation/{token}")
