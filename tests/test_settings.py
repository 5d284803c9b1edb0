"""What the environment may say, and what it may not."""

from pathlib import Path

import pytest

from amends.settings import SettingRefused, from_environment


def test_nothing_needs_to_be_set() -> None:
    settings = from_environment({})

    assert settings.database_url is None
    assert settings.home.is_absolute()
    assert (settings.host, settings.port, settings.sandbox) == ("127.0.0.1", 8000, False)


def test_everything_may_be_set() -> None:
    settings = from_environment(
        {
            "AMENDS_DATABASE_URL": "postgresql://shop:hidden@db/amends",
            "AMENDS_HOME": "/srv/amends",
            "AMENDS_HOST": "0.0.0.0",
            "AMENDS_PORT": "80",
            "AMENDS_SANDBOX": "Yes",
            "AMENDS_SECRET": "s" * 32,
        }
    )

    assert settings.database_url == "postgresql://shop:hidden@db/amends"
    assert settings.home == Path("/srv/amends")
    assert (settings.host, settings.port, settings.sandbox) == ("0.0.0.0", 80, True)


def test_printed_settings_hide_passwords() -> None:
    settings = from_environment(
        {"AMENDS_DATABASE_URL": "postgresql://shop:hidden@db/x", "AMENDS_SECRET": "t" * 40}
    )

    assert "hidden" not in repr(settings)
    assert "tttt" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("AMENDS_PORT", "http"),
        ("AMENDS_PORT", "70000"),
        ("AMENDS_SANDBOX", "maybe"),
        ("AMENDS_SECRET", "short"),
    ],
)
def test_what_cannot_work_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(SettingRefused, match=name):
        from_environment({name: text})
