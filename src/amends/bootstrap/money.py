"""What brings providers' reports and disputes into the house."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from amends.adapters.payments.paypal import PROVIDER as PAYPAL
from amends.adapters.payments.paypal import PaypalHooks, Signatures
from amends.adapters.payments.paypal_account import PaypalAccount
from amends.adapters.payments.sandbox_disputes import SandboxDisputes
from amends.adapters.payments.stripe import PROVIDER as STRIPE
from amends.adapters.payments.stripe import StripeHooks
from amends.adapters.payments.stripe_account import StripeAccount
from amends.adapters.postgres.disputes import PostgresDisputeBook
from amends.adapters.postgres.outbox import PostgresOutbox
from amends.adapters.postgres.pool import Pool
from amends.adapters.postgres.rebuttals import PostgresRebuttalBook
from amends.adapters.postgres.settlements import PostgresMoneyReads, PostgresSettlementBook
from amends.application.case_file import CaseFiles
from amends.application.case_paper import CasePapers
from amends.application.clock import SystemClock
from amends.application.disputes import Disputes
from amends.application.permissions import Caller
from amends.application.ports import Clock, Envelope, KeyRole, Payments, Reader, Result
from amends.application.ports.carriers import PapersUnavailable
from amends.application.ports.disputes import ProviderHooks
from amends.application.ports.rebuttals import DisputeDesk, Paper
from amends.application.rebuttals import Rebuttals
from amends.application.reconciliation import Reconciliation
from amends.application.words import Words
from amends.bootstrap.people import operators_of
from amends.domain.cases.model import Case
from amends.domain.custody.model import Custody
from amends.domain.reconciliation import DEFAULT_PROVIDER
from amends.settings import SettingRefused, Settings


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


def provider_accounts(settings: Settings) -> Mapping[str, StripeAccount | PaypalAccount]:
    """The marketplace's own accounts with providers: they report, and take evidence."""
    accounts: dict[str, StripeAccount | PaypalAccount] = {}
    if settings.stripe_key:
        accounts[STRIPE] = StripeAccount(settings.stripe_key, settings.stripe_url, settings.stripe_files_url)
    if settings.paypal_client:
        accounts[PAYPAL] = PaypalAccount(settings.paypal_client, settings.paypal_secret, settings.paypal_url)
    return accounts


def rebuttals_of(
    settings: Settings, pool: Pool, reader: Reader, clock: Clock, files: CaseFiles, papers: CasePapers
) -> Rebuttals:
    """Sends evidence in disputes to the providers there are accounts with; in the sandbox to its own, too."""
    desks: dict[str, DisputeDesk] = dict(provider_accounts(settings))
    if settings.sandbox:
        desks.setdefault(DEFAULT_PROVIDER, SandboxDisputes())

    async def of_cases(_: Custody, cases: Sequence[Case]) -> Sequence[Paper]:
        """The newest case, as its seller may read it: notes of staff are not for a bank."""
        case = cases[-1] if cases else None
        dossier = await files.read(Caller(KeyRole.SELLER, case.seller_id), case.case_id) if case else None
        if case is None or dossier is None:
            return ()
        try:
            content = await papers.pdf(dossier, Words())
        except PapersUnavailable:
            return ()
        return (Paper(f"case-{case.case_id}.pdf", "application/pdf", content),)

    return Rebuttals(desks, PostgresRebuttalBook(pool), reader, PostgresOutbox(pool), clock, of_cases)


def reconciliation_of(
    settings: Settings, providers: Mapping[str, Payments], pool: Pool, clock: Clock
) -> Reconciliation:
    """Holds providers' reports against the ledger of one database."""
    return Reconciliation(
        {**providers, **provider_accounts(settings)},
        PostgresMoneyReads(pool),
        PostgresSettlementBook(pool),
        clock,
        PostgresOutbox(pool),
        operators_of(pool),
    )
