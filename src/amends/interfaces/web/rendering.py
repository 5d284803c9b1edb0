"""Templates: one environment per language, strict about names, escaping everything."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from amends.interfaces.web.words import translations

_HERE = Path(__file__).parent
STATIC = _HERE / "static"


@cache
def environment(language: str) -> Environment:
    """The templates as read in one language, by its code."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    catalogue = translations(language)
    made.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        catalogue.ugettext, catalogue.ungettext, newstyle=True
    )
    # The sentence of a clause comes from a pack; a marketplace's own pack may have ones no catalogue knows.
    made.filters["translated"] = catalogue.ugettext
    made.globals["asset"] = asset
    return made


@cache
def asset(name: str) -> str:
    """The address of a static file; it changes with the file's contents, so it may be cached for good."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"
