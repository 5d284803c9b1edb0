"""What a person may set from outside, by environment variables named AMENDS_*."""

import os
import re
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
STRIPE_URL = "https://api.stripe.com"
PAYPAL_URL = "https://api-m.paypal.com"
_SECRET_CHARACTERS_MIN = 32
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"", "0", "false", "no", "off"})
_MAIL = re.compile(r"[A-Za-z0-9._-]{1,40}@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+", re.ASCII)
_PHONE = re.compile(r"([A-Z]{2}|\*)=(\+[0-9][0-9 ().-]{4,30})")
NEWS_FORMS = ("amends", "karrio", "ups", "17track", "aftership", "easypost")
NEWS_SECRET_MIN = 16
_NEWS = re.compile(r"(?P<name>[a-z0-9-]{1,40})=(?P<form>[a-z0-9]+):(?P<secret>[^\s;]{16,500})", re.ASCII)
_STANDARD_SECRET = re.compile(r"whsec_(?:[A-Za-z0-9+/]{4}){4,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_ROLE = re.compile(r"([^=,]+)=(buyer|seller|mediator|operator)")


class SettingRefused(Exception):
    """A variable holds something Amends cannot work with. The message names it and says what is wanted."""


class Oidc(msgspec.Struct, frozen=True, kw_only=True):
    """An identity provider to sign in with. ``roles`` maps what its ``role_claim`` says to our roles."""

    issuer: str
    client_id: str
    client_secret: str
    role_claim: str = "role"
    roles: Mapping[str, str] = {}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How this process is set up.

    `database_url` is a PostgreSQL of your own (15 or newer); without it the embedded one in `home` is used.
    `embedders` are the origins of shops whose pages may frame what is made to be embedded.
    `secret` signs sessions; without it one is made at the first start and kept in `home`.
    `files` is where evidence lies, as ``s3://bucket/prefix`` (with the usual AWS_* variables), else `home`.
    `sandbox` lets people move the clock and pays with play money: never where real people trade.
    `public_url` is where people reach the pages, without a slash at its end; links in mail begin with it.
    `proxies` of your own stand in front, each of which adds whom it serves to `X-Forwarded-For`.
    `handover_key` verifies the hand-overs a marketplace signs: a shared secret, or the path of a public key.
    `smtp_url` is the mail server, such as ``smtp://user:password@host:587``; without it mail stays in `home`.
    `mail_from` is the sender. `translation_url` is a service that speaks LibreTranslate's interface.
    `webhooks_inside` are networks of one's own that webhooks may reach although they are private.
    `stock_url` is where the marketplace's stock is asked (docs/sending-back.md), with `stock_token`.
    `carrier_news` are carriers that tell of scans by themselves: name, form and secret of each.
    `carrier_accounts` is a file of live accounts with carriers; both are told in docs/tracking.md.
    `support_mail` is the address people write to for help; `support_phones` are numbers by country, ``*`` for
    all others. `stripe_secrets` are the signing secrets of the endpoint Stripe sends events to;
    `paypal_webhook` is the id of PayPal's, `paypal_certificate` the file with the certificate it signs with.
    `stripe_key`, and `paypal_client` with `paypal_secret`, fetch reports and send evidence in disputes.
    """

    database_url: str | None
    home: Path
    host: str
    port: int
    sandbox: bool
    secret: str | None = None
    embedders: tuple[str, ...] = ()
    files: str | None = None
    public_url: str = ""
    proxies: int = 0
    handover_key: str = ""
    oidc: Oidc | None = None
    smtp_url: str = ""
    mail_from: str = "amends@example.invalid"
    translation_url: str = ""
    translation_key: str = ""
    webhooks_inside: tuple[str, ...] = ()
    stock_url: str = ""
    stock_token: str = ""
    carrier_accounts: Path | None = None
    carrier_news: tuple[tuple[str, str, str], ...] = ()
    support_mail: str = ""
    support_phones: Mapping[str, str] = {}
    stripe_secrets: tuple[str, ...] = ()
    paypal_webhook: str = ""
    paypal_certificate: Path | None = None
    stripe_key: str = ""
    stripe_url: str = STRIPE_URL
    stripe_files_url: str = "https://files.stripe.com"
    paypal_client: str = ""
    paypal_secret: str = ""
    paypal_url: str = PAYPAL_URL

    @property
    def address(self) -> str:
        """Where people reach the pages."""
        return self.public_url or f"http://{self.host}:{self.port}"

    def __repr__(self) -> str:
        # Logged at the start, and both may hold a password.
        url, secret = (None if value is None else "***" for value in (self.database_url, self.secret))
        return (
            f"Settings(database_url={url!r}, home={str(self.home)!r}, host={self.host!r}, port={self.port}, "
            f"sandbox={self.sandbox}, secret={secret!r}, public_url={self.public_url!r}, "
            f"oidc={self.oidc.issuer if self.oidc else None!r})"
        )


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings. Raises `SettingRefused`."""
    home = environment.get("AMENDS_HOME")
    return Settings(
        database_url=environment.get("AMENDS_DATABASE_URL") or None,
        home=Path(home).expanduser().absolute() if home else default_home(),
        host=environment.get("AMENDS_HOST") or DEFAULT_HOST,
        port=_port(environment.get("AMENDS_PORT") or str(DEFAULT_PORT)),
        sandbox=_flag("AMENDS_SANDBOX", environment.get("AMENDS_SANDBOX", "")),
        secret=_secret(environment.get("AMENDS_SECRET")),
        embedders=_origins("AMENDS_EMBED_ORIGINS", environment.get("AMENDS_EMBED_ORIGINS", "")),
        files=environment.get("AMENDS_FILES_URL") or None,
        public_url=_url("AMENDS_PUBLIC_URL", environment.get("AMENDS_PUBLIC_URL", "")),
        proxies=_proxies(environment.get("AMENDS_PROXIES", "")),
        handover_key=_handover_key(environment.get("AMENDS_HANDOVER_KEY", "")),
        oidc=_oidc(environment),
        smtp_url=_smtp(environment.get("AMENDS_SMTP_URL", "")),
        mail_from=environment.get("AMENDS_MAIL_FROM") or "amends@example.invalid",
        translation_url=_url("AMENDS_TRANSLATION_URL", environment.get("AMENDS_TRANSLATION_URL", "")),
        translation_key=environment.get("AMENDS_TRANSLATION_KEY", ""),
        webhooks_inside=_networks(environment.get("AMENDS_WEBHOOKS_INSIDE", "")),
        stock_url=_url("AMENDS_STOCK_URL", environment.get("AMENDS_STOCK_URL", "")),
        carrier_accounts=_file("AMENDS_CARRIER_ACCOUNTS", environment.get("AMENDS_CARRIER_ACCOUNTS", "")),
        carrier_news=_carrier_news(environment.get("AMENDS_CARRIER_NEWS", "")),
        stock_token=environment.get("AMENDS_STOCK_TOKEN", ""),
        support_mail=_mail_address("AMENDS_SUPPORT_MAIL", environment.get("AMENDS_SUPPORT_MAIL", "")),
        support_phones=_phones(environment.get("AMENDS_SUPPORT_PHONES", "")),
        stripe_secrets=tuple(environment.get("AMENDS_STRIPE_SECRETS", "").split()),
        paypal_webhook=environment.get("AMENDS_PAYPAL_WEBHOOK", ""),
        paypal_certificate=_paypal(environment),
        stripe_key=environment.get("AMENDS_STRIPE_KEY", ""),
        stripe_url=_url("AMENDS_STRIPE_URL", environment.get("AMENDS_STRIPE_URL") or STRIPE_URL),
        stripe_files_url=_url(
            "AMENDS_STRIPE_FILES_URL",
            environment.get("AMENDS_STRIPE_FILES_URL") or "https://files.stripe.com",
        ),
        **_paypal_account(environment),
    )


def _paypal_account(environment: Mapping[str, str]) -> dict[str, str]:
    client, secret = (environment.get(f"AMENDS_PAYPAL_{name}", "") for name in ("CLIENT", "SECRET"))
    if bool(client) != bool(secret):
        raise SettingRefused("AMENDS_PAYPAL_CLIENT and AMENDS_PAYPAL_SECRET are wanted together")
    url = _url("AMENDS_PAYPAL_URL", environment.get("AMENDS_PAYPAL_URL") or PAYPAL_URL)
    return {"paypal_client": client, "paypal_secret": secret, "paypal_url": url}


def _paypal(environment: Mapping[str, str]) -> Path | None:
    text = environment.get("AMENDS_PAYPAL_CERTIFICATE", "")
    if bool(text) != bool(environment.get("AMENDS_PAYPAL_WEBHOOK", "")):
        raise SettingRefused("AMENDS_PAYPAL_WEBHOOK and AMENDS_PAYPAL_CERTIFICATE are wanted together")
    if text and not Path(text).is_file():
        raise SettingRefused(f"AMENDS_PAYPAL_CERTIFICATE is {text!r}: there is no such file")
    return Path(text) if text else None


def _smtp(text: str) -> str:
    url = urlsplit(text)
    if text and (url.scheme not in {"smtp", "smtps", "smtp+plain"} or not url.hostname):
        # The address may hold a password, so it is not repeated.
        raise SettingRefused(
            "AMENDS_SMTP_URL: wanted smtp://user:password@host:587 (STARTTLS), smtps:// (TLS) or smtp+plain://"
        )
    return text


def _mail_address(name: str, text: str) -> str:
    address = text.strip()
    if address and not _MAIL.fullmatch(address):
        raise SettingRefused(
            f"{name} is {text!r}: wanted an address like support@shop.example, without a plus"
        )
    return address


def _phones(text: str) -> dict[str, str]:
    phones = {}
    for one in filter(None, (part.strip() for part in text.split(";"))):
        found = _PHONE.fullmatch(one)
        if found is None:
            raise SettingRefused(
                f"AMENDS_SUPPORT_PHONES has {one!r}:"
                " wanted DE=+49 30 555 0100; US=+1 555 0100; *=+44 20 555 0100"
            )
        phones[found.group(1)] = found.group(2).strip()
    return phones


def _file(name: str, text: str) -> Path | None:
    if not text:
        return None
    path = Path(text).expanduser().absolute()
    if not path.is_file():
        raise SettingRefused(f"{name} is {text!r}: there is no such file")
    return path


def _carrier_news(text: str) -> tuple[tuple[str, str, str], ...]:
    """``name=form:secret`` parted by semicolons. The secrets are never repeated."""
    found: dict[str, tuple[str, str, str]] = {}
    for number, one in enumerate(filter(None, (part.strip() for part in text.split(";"))), 1):
        told = _NEWS.fullmatch(one)
        if told is None or told["form"] not in NEWS_FORMS or told["name"] in found:
            raise SettingRefused(
                f"AMENDS_CARRIER_NEWS, part {number}: wanted name=form:secret, each name once, a form of "
                f"{', '.join(NEWS_FORMS)} and a secret of {NEWS_SECRET_MIN} or more characters"
            )
        if told["form"] == "amends" and not _STANDARD_SECRET.fullmatch(told["secret"]):
            raise SettingRefused(
                f"AMENDS_CARRIER_NEWS, part {number}: the secret of the form amends is whsec_ and base64"
            )
        found[told["name"]] = (told["name"], told["form"], told["secret"])
    return tuple(found.values())


def _networks(text: str) -> tuple[str, ...]:
    found = tuple(one.strip() for one in text.split(",") if one.strip())
    for one in found:
        try:
            ip_network(one)
        except ValueError as error:
            raise SettingRefused(f"AMENDS_WEBHOOKS_INSIDE: {error}: wanted 10.1.0.0/16, ...") from error
    return found


def default_home() -> Path:
    """Where data lives if nobody says otherwise.

    For root it is outside /root, because the server's user has to pass through the folders above.
    """
    return Path("/var/lib/amends") if os.geteuid() == 0 else Path.home() / ".local" / "share" / "amends"


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SettingRefused(f"AMENDS_PORT is {text!r}: wanted a number from 1 to 65535")
    return int(text)


def _flag(name: str, text: str) -> bool:
    value = text.strip().lower()
    if value not in _TRUE | _FALSE:
        raise SettingRefused(f"{name} is {text!r}: wanted 1 or 0")
    return value in _TRUE


def _origins(name: str, text: str) -> tuple[str, ...]:
    """Origins as RFC 6454 writes them, parted by blanks: they go into a header word for word."""
    origins = tuple(dict.fromkeys(text.lower().split()))
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise SettingRefused(
                f"{name} has {origin!r}: wanted origins like https://shop.example, parted by blanks"
            )
    return origins


def _secret(text: str | None) -> str | None:
    if not text:
        return None
    if len(text) < _SECRET_CHARACTERS_MIN:
        raise SettingRefused(
            f"AMENDS_SECRET has {len(text)} characters: wanted {_SECRET_CHARACTERS_MIN} or more"
        )
    return text


def _url(name: str, text: str) -> str:
    url = text.strip().rstrip("/")
    parts = urlsplit(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment):
        raise SettingRefused(f"{name} is {text!r}: wanted an address like https://amends.example")
    return url


def _proxies(text: str) -> int:
    if text and not (text.isdigit() and int(text) <= 9):
        raise SettingRefused(f"AMENDS_PROXIES is {text!r}: wanted how many proxies stand in front, 0 to 9")
    return int(text or "0")


def _handover_key(text: str) -> str:
    if text and not text.startswith("/") and len(text) < _SECRET_CHARACTERS_MIN:
        raise SettingRefused(
            f"AMENDS_HANDOVER_KEY has {len(text)} characters: wanted {_SECRET_CHARACTERS_MIN} or more, "
            "or the path of a public key in PEM"
        )
    if text.startswith("/") and not Path(text).is_file():
        raise SettingRefused(f"AMENDS_HANDOVER_KEY is {text!r}: there is no such file")
    return text


def _oidc(environment: Mapping[str, str]) -> Oidc | None:
    issuer = _url("AMENDS_OIDC_ISSUER", environment.get("AMENDS_OIDC_ISSUER", ""))
    if not issuer:
        return None
    client_id, secret = (environment.get(f"AMENDS_OIDC_{name}", "") for name in ("CLIENT_ID", "SECRET"))
    if not client_id or not secret:
        raise SettingRefused(
            "AMENDS_OIDC_ISSUER is set: AMENDS_OIDC_CLIENT_ID and AMENDS_OIDC_SECRET are wanted too"
        )
    return Oidc(
        issuer=issuer,
        client_id=client_id,
        client_secret=secret,
        role_claim=environment.get("AMENDS_OIDC_ROLE_CLAIM") or "role",
        roles=_roles(environment.get("AMENDS_OIDC_ROLES", "")),
    )


def _roles(text: str) -> dict[str, str]:
    pairs = [part.strip() for part in text.split(",") if part.strip()]
    roles = {}
    for pair in pairs:
        found = _ROLE.fullmatch(pair)
        if found is None:
            raise SettingRefused(
                f"AMENDS_OIDC_ROLES has {pair!r}: wanted pairs like support=operator, with one of our roles"
                " buyer, seller, mediator, operator"
            )
        roles[found.group(1)] = found.group(2)
    return roles
