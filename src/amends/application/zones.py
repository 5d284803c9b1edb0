"""Time zones by country: what o'clock it is for somebody of whom only the country is known."""

from functools import cache
from importlib.resources import files

# Where a country has several zones, the one that most of its people live in; zone.tab goes by geography.
_MOST_PEOPLE = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "GL": "America/Nuuk",
    "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Gaza",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
}


def zone_of(country: str) -> str:
    """The IANA zone of a country (ISO 3166-1 alpha-2), by zone.tab of the time zone database.

    Empty for no country that is known.
    """
    return _MOST_PEOPLE.get(country) or _first_zones().get(country, "")


@cache
def _first_zones() -> dict[str, str]:
    found: dict[str, str] = {}
    for row in (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8").splitlines():
        if row and not row.startswith("#"):
            country, _, zone = row.split("\t")[:3]
            found.setdefault(country, zone)
    return found
