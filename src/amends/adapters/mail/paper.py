"""How a mail looks: one responsive column with plain inline styles, and the same as text."""

from html import escape

from amends.application.ports.mail import Mailing

_FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif"
_INK, _MUTED, _BLUE, _LINE, _GROUND = "#1c2433", "#525b6b", "#2f4bb3", "#dfe3ea", "#f4f6f9"


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


def html_of(mailing: Mailing) -> str:
    """The mail as a page: everything said is escaped, nothing is loaded from anywhere."""
    paragraphs = "".join(
        f'<p style="margin:0 0 14px;white-space:pre-line;overflow-wrap:anywhere">{escape(one.strip())}</p>'
        for one in mailing.text.split("\n\n")
        if one.strip()
    )
    button = ""
    if mailing.link is not None:
        button = (
            f'<p style="margin:22px 0 8px"><a href="{escape(mailing.link.url)}" style="display:inline-block;'
            f"background:{_BLUE};color:#ffffff;text-decoration:none;font-weight:600;padding:12px 20px;"
            f'border-radius:8px">{escape(mailing.link.label)}</a></p>'
        )
    footer = escape(mailing.footer)
    if mailing.preferences is not None:
        footer += (
            f' <a href="{escape(mailing.preferences.url)}" style="color:{_MUTED}">'
            f"{escape(mailing.preferences.label)}</a>"
        )
    direction = "rtl" if mailing.rtl else "ltr"
    subject = escape(mailing.subject)
    return (
        f'<!DOCTYPE html><html lang="{escape(mailing.lang)}" dir="{direction}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<title>{subject}</title></head>"
        f'<body style="margin:0;padding:24px 12px;background:{_GROUND};color:{_INK};{_FONT};font-size:16px;'
        f'line-height:1.55"><div role="article" aria-label="{subject}" style="max-width:560px;margin:0 auto;'
        f'background:#ffffff;border:1px solid {_LINE};border-radius:14px;padding:28px 24px">'
        f'<p style="margin:0 0 18px;font-weight:700;color:{_BLUE}">Amends</p>'
        f'<h1 style="margin:0 0 16px;font-size:22px;line-height:1.3">{subject}</h1>'
        f"{paragraphs}{button}</div>"
        f'<p style="max-width:560px;margin:14px auto 0;padding:0 12px;font-size:13px;color:{_MUTED}">'
        f"{footer}</p></body></html>"
    )
