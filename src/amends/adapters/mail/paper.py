"""How a mail looks: one responsive column with plain inline styles, and the same as text."""

import re
from html import escape

from amends.application.ports.mail import Mailing

_FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif"
_INK, _MUTED, _BLUE, _LINE, _GROUND = "#1c2433", "#525b6b", "#2f4bb3", "#dfe3ea", "#f4f6f9"
# The number of an order or case reads from left to right wherever it stands, and is not broken at its signs.
# Amounts and dates have neither letters nor hyphens: a part of one that were set apart would be moved.
_NUMBER = re.compile(
    r"(?<![\w&#/:.,-])(?=[0-9.]*[A-Z-])[A-Z0-9]{2,12}(?:[-.][A-Z0-9]{1,12}){1,3}(?![\w/@-]|:\S)", re.ASCII
)
# The name of a clause may be broken at its dots, and nowhere else.
_CLAUSE = re.compile(r"(?<![\w&#/:@.-])[a-z][a-z_]*(?:\.[a-z_]+){2,}(?![\w/:@-])", re.ASCII)
# For programs that heed it; the others show the colours written at each element.
_DARK = (
    "@media (prefers-color-scheme: dark){"
    ".ground{background:#12161f!important;color:#e6e9ef!important}"
    ".sheet{background:#1a2030!important;border-color:#2d3548!important}"
    ".mark{color:#a9bbff!important}.deed{background:#a9bbff!important;color:#12161f!important}"
    ".quiet{color:#aab2c2!important}}"
)


def text_of(mailing: Mailing) -> str:
    """The mail as plain text."""
    parts = [mailing.text]
    if mailing.link is not None:
        parts.append(f"{mailing.link.label}:\n{mailing.link.url}")
    tail = [part for part in (mailing.footer, _line(mailing)) if part]
    if tail:
        # Two hyphens and a blank part the signature from what is said (RFC 3676, 4.3).
        parts.append("-- \n" + "\n".join(tail))
    return "\n\n".join(parts)


def _line(mailing: Mailing) -> str:
    return f"{mailing.preferences.label}: {mailing.preferences.url}" if mailing.preferences else ""


def _said(text: str) -> str:
    """Words as they stand on a page: escaped, with numbers kept together."""
    numbered = _NUMBER.sub(r'<bdi dir="ltr" style="white-space:nowrap">\g<0></bdi>', escape(text))
    return _CLAUSE.sub(lambda one: f'<bdi dir="ltr">{one[0].replace(".", ".<wbr>")}</bdi>', numbered)


def html_of(mailing: Mailing) -> str:
    """The mail as a page: everything said is escaped, nothing is loaded from anywhere.

    Language and direction stand on the inner element too: many mail programs drop the outer ones.
    """
    paragraphs = "".join(
        f'<p dir="auto" style="margin:0 0 14px;white-space:pre-line;overflow-wrap:anywhere">'
        f"{_said(one.strip())}</p>"
        for one in mailing.text.split("\n\n")
        if one.strip()
    )
    button = ""
    if mailing.link is not None:
        button = (
            f'<p style="margin:22px 0 8px"><a class="deed" href="{escape(mailing.link.url)}" '
            f'style="display:inline-block;background:{_BLUE};color:#ffffff;text-decoration:none;'
            f'font-weight:600;padding:12px 20px;border-radius:8px">{escape(mailing.link.label)}</a></p>'
        )
    footer = escape(mailing.footer)
    if mailing.preferences is not None:
        footer += (
            f' <a class="quiet" href="{escape(mailing.preferences.url)}" style="color:{_MUTED}">'
            f"{escape(mailing.preferences.label)}</a>"
        )
    lang = f'lang="{escape(mailing.lang)}" dir="{"rtl" if mailing.rtl else "ltr"}"'
    subject, title = escape(mailing.subject), _said(mailing.subject)
    return (
        f'<!DOCTYPE html><html {lang}><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark">'
        f'<meta name="supported-color-schemes" content="light dark">'
        f"<title>{subject}</title><style>{_DARK}</style></head>"
        f'<body class="ground" style="margin:0;padding:24px 12px;background:{_GROUND};color:{_INK};{_FONT};'
        f'font-size:16px;line-height:1.55"><div {lang} style="text-align:start">'
        f'<div class="sheet" role="article" aria-label="{subject}" style="max-width:560px;margin:0 auto;'
        f'background:#ffffff;border:1px solid {_LINE};border-radius:14px;padding:28px 24px">'
        f'<p class="mark" style="margin:0 0 18px;font-weight:700;color:{_BLUE}">Amends</p>'
        f'<h1 dir="auto" style="margin:0 0 16px;font-size:22px;line-height:1.3;overflow-wrap:anywhere">'
        f"{title}</h1>{paragraphs}{button}</div>"
        f'<p class="quiet" style="max-width:560px;margin:14px auto 0;padding:0 12px;font-size:13px;'
        f'color:{_MUTED}">{footer}</p></div></body></html>'
    )
