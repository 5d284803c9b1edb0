"""Every kind of mail, in every language: whole as text and as HTML, with nothing left to fill in."""

import re

import pytest
from tests.application.mails import PEOPLE, every_mail

from amends.adapters.mail.message import message
from amends.application.letter_words import OTHER_WORDS, WORDS
from amends.application.words import LANGUAGES

# What a template leaves behind where a value is missing, or Python where one was forgotten.
_UNFILLED = re.compile(r"%\(|%[sd]|\{|\}|None|msgspec|<[A-Z]\w+[.:]|&lt;[A-Z]")
# Each sheet has one rule of style, in braces.
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)


@pytest.mark.row("K4", "H2", "D5")
@pytest.mark.parametrize("code", LANGUAGES)
async def test_every_kind_of_mail_is_whole(code: str) -> None:
    found = await every_mail(code)
    assert {name.partition(" ")[0] for name in found} >= {
        *WORDS,
        *OTHER_WORDS,
        "account",
        "support",
        "digest",
    }
    assert len(PEOPLE) == 4
    for name, mailing in found.items():
        mail = message("amends@market.example", mailing)
        parts = {kind: mail.get_body((kind,)) for kind in ("plain", "html")}
        text, page = (str(part.get_content()) if part is not None else "" for part in parts.values())
        assert mailing.subject.strip(), name
        assert mailing.text.strip(), name
        assert mail["Content-Language"] == mailing.lang == LANGUAGES[code].locale.replace("_", "-"), name
        for said in (mailing.subject, text, _STYLE.sub("", page)):
            assert not _UNFILLED.search(said), f"{name}: {said}"
        assert page.count('dir="rtl"') == (2 if code == "ar" else 0), name
        assert mailing.link is None or mailing.link.url in text, name
        # One click ends what can be declined (RFC 8058); what cannot be has no such button.
        assert bool(mailing.unsubscribe) == (mail["List-Unsubscribe-Post"] is not None), name
