"""What o'clock it is for somebody of whom only the country is known."""

from zoneinfo import ZoneInfo, available_timezones

import pytest

from amends.application import zones
from amends.application.zones import zone_of


@pytest.mark.parametrize(
    ("country", "zone"),
    [("FR", "Europe/Paris"), ("KW", "Asia/Kuwait"), ("US", "America/New_York"), ("BR", "America/Sao_Paulo")],
)
def test_a_country_has_the_zone_most_of_its_people_live_in(country: str, zone: str) -> None:
    assert zone_of(country) == zone


@pytest.mark.parametrize("country", ["", "XX", "fr", "USA"])
def test_what_is_no_country_has_no_zone(country: str) -> None:
    assert zone_of(country) == ""


def test_every_zone_that_was_chosen_by_hand_exists() -> None:
    known = available_timezones()
    for country in zones._MOST_PEOPLE:
        assert zone_of(country) in known
        assert ZoneInfo(zone_of(country)).key == zone_of(country)
