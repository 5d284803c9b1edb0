"""What brings providers' reports and disputes into the house."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from amends.adapters.payments.paypal import PROVIDER as PAYPAL
from amends.adapters.payments.paypal import PaypalHooks, Signatures
from amends.adapters.payments.stripe import PROVIDER as STRIPE
from amends.adapters.payments.stripe import StripeHooks
from amends.adapters.postgres.disputes import PostgresDisputeBook
from amends.adapters.postgres.outbox import PostgresOutbox
from amends.adapters.postgres.people import PostgresPeople
from amends.adapters.postgres.pool import Pool
from amends.adapters.postgres.settlements import PostgresMoneyReads, PostgresSettlementBook
from amends.application.clock import SystemClock
from amends.application.disputes import Disputes
from amends.application.ports import Clock, Envelope, Payments, Reader, Result
from amends.application.ports.disputes import ProviderHooks
from amends.application.ports.people import PeopleFilter, Standing
from amends.application.reconciliation import Reconciliation
from amends.domain.parties import Actor, Role
from amends.settings import SettingRefused, Settings

_OPERATORS_MAX = 200


def hooks_of(settings: Settings) -> Mapping[str, ProviderHooks]:
    """The providers whose events can be proved. Raises `SettingRefused` for a certificate that is none."""
    hooks: dict[str, ProviderHooks] = {}
    if settings.stripe_secrets:
        hooks[STRIPE] = StripeHooks(settings.stripe_secrets)
    if settings.paypal_certificate is not None:
        try:
            signatures = Signatures(settings.paypal_webhook, settings.paypal_certificate.read_bytes())
        except (OSError, ValueError) as error:
            raise SettingRefused(f"AMENDS_PAYPAL_CERTIFICATE: {error}") from error
        hooks[PAYPAL] = PaypalHooks(signatures)
    return hooks


def disputes_of(
    settings: Settings,
    pool: Pool,
    reader: Reader,
    submit: Callable[[Envelope], Awaitable[Result]],
    clock: Clock,
) -> Disputes:
    """Takes in providers' events over one database."""
    book, ledger = PostgresDisputeBook(pool), PostgresMoneyReads(pool)
    return Disputes(hooks_of(settings), book, ledger, reader, submit, clock, SystemClock())


def reconciliation_of(providers: Mapping[str, Payments], pool: Pool, clock: Clock) -> Reconciliation:
    """Holds providers' reports against the ledger of one database."""
    people = PostgresPeople(pool)

    async def operators() -> Sequence[Actor]:
        wanted = PeopleFilter(role=Role.OPERATOR, standing=Standing.ACTIVE)
        found = await people.people(wanted, "", _OPERATORS_MAX)
        return tuple(dict.fromkeys(Actor(one.role, one.party_id) for one in found.accounts))

    return Reconciliation(
        providers,
        PostgresMoneyReads(pool),
        PostgresSettlementBook(pool),
        clock,
        PostgresOutbox(pool),
        operators,
    )
