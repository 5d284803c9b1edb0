"""Numbers of cards and telephones are hidden; everything else people write stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.domain.messages import mask


@pytest.mark.row("D1")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("my card 4111 1111 1111 1111 please", "my card •••• 1111 please"),
        ("4111-1111-1111-1111", "•••• 1111"),
        ("4111111111111111", "•••• 1111"),
        ("3782 822463 10005", "•••• 0005"),  # 15 digits
        ("card 5555.5555.5555.4444!", "card •••• 4444!"),
    ],
)
def test_the_number_of_a_card_keeps_its_last_four_digits(text: str, shown: str) -> None:
    assert mask(text).text == shown
    assert mask(text).hidden == ("card",)


@pytest.mark.row("D1")
@pytest.mark.parametrize(
    "number",
    [
        "+49 151 23456789",
        "+1 (555) 123-4567",
        "0049 151 23456789",
        "(030) 1234567",
        "0151-23456789",
        "0151/2345 6789",
        "555-123-4567",
        "+351.912.345.678",
        "13800138000",
        "٠١٢٣٤٥٦٧٨٩",
        "＋４９ １５１ ２３４５６７８９",
    ],
)
def test_telephone_numbers_of_any_script_are_hidden(number: str) -> None:
    masked = mask(f"Call {number}, please")
    assert masked.text == "Call ••••••••, please"
    assert masked.hidden == ("phone",)


@pytest.mark.parametrize("word", ["tel: ", "WhatsApp ", "phone number is ", "电话", "Телефон: ", "هاتف "])
def test_a_word_before_it_makes_digits_a_telephone(word: str) -> None:
    assert "5551234" not in mask(f"{word}5551234").text


@pytest.mark.parametrize(
    "text",
    [
        "order 10-88231 of 2026-11-18 at 14:22",
        "paid €1,250.00 for 12345678 pieces",
        "parcel SW123456789PT and RR123456785DE",
        "1234 5678 9012 3456",  # no card has this check digit
        "0000000000000000",
        "size 42, 10 x 20 x 30 cm, 18.11.2026",
        "https://example.com/?id=20260101123456",
        "order #0151234567",
        "",
    ],
)
def test_what_is_no_such_number_stays(text: str) -> None:
    assert mask(text) == mask(text).__class__(text, ())


def test_numbers_of_the_order_stay() -> None:
    text = "tracking 0123456789012 of order 4111111111111111"
    assert mask(text, ["0123456789012", "4111111111111111"]).text == text


def test_both_kinds_are_named_once() -> None:
    assert mask("4111111111111111 5500005555555559 +49 30 123456 0301234567").hidden == ("card", "phone")


@given(st.text(max_size=200))
def test_masking_is_done_after_once_and_never_fails(text: str) -> None:
    once = mask(text)
    assert mask(once.text).text == once.text
