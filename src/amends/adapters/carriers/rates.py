"""Rate sheets: a TOML file of services with their prices by weight and zone."""

import tomllib
from datetime import date
from pathlib import Path

import msgspec

from amends.domain.carriage import ZONES, Service


class _Sheet(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    title: str
    currency: str
    valid_from: date
    illustrative: bool = False


class _File(msgspec.Struct, forbid_unknown_fields=True):
    sheet: _Sheet
    service: tuple[Service, ...]


class RatesRefused(ValueError):
    """A rate sheet cannot be used. The message names the file, the service and what is wrong."""


class RateSheet(msgspec.Struct, frozen=True, kw_only=True):
    """The services of a sheet. ``illustrative``: invented numbers, nobody's offer."""

    title: str
    illustrative: bool
    services: tuple[Service, ...]


def load(path: Path | None = None) -> RateSheet:
    """The sheet of a file; without one the illustrative sheet that comes along. Raises `RatesRefused`."""
    path = path or Path(__file__).with_name("rates.toml")
    try:
        read = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise RatesRefused(f"{path.name}: {error}") from error
    if read.sheet.currency != "EUR":
        raise RatesRefused(f"{path.name}: prices are in euro cents, not in {read.sheet.currency}")
    for service in read.service:
        _check(path, service)
    return RateSheet(title=read.sheet.title, illustrative=read.sheet.illustrative, services=read.service)


def _check(path: Path, service: Service) -> None:
    name = f"{path.name}: {service.carrier} {service.service}"
    weights = [step.up_to_g for step in service.steps]
    if not weights or weights != sorted(set(weights)) or weights[0] <= 0:
        raise RatesRefused(f"{name}: steps rise in weight from above 0 g; they are {weights}")
    if unknown := set(service.days) - set(ZONES):
        raise RatesRefused(f"{name}: days of unknown zones {sorted(unknown)}; there are {', '.join(ZONES)}")
    for zone in service.days:
        prices = [getattr(step, zone) for step in service.steps if getattr(step, zone) is not None]
        if not prices or prices != sorted(prices) or prices[0] < 0:
            raise RatesRefused(f"{name}: prices of zone {zone} do not rise with the weight: {prices}")
        if not 0 <= service.days[zone][0] <= service.days[zone][1]:
            raise RatesRefused(f"{name}: days of zone {zone} run backwards: {service.days[zone]}")
