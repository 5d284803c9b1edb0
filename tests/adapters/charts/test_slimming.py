"""A drawing made light shows what it showed."""

from xml.etree import ElementTree as ET

from amends.adapters.charts.slimming import slimmed

DRAWING = """\
<svg xmlns="http://www.w3.org/2000/svg" version="1.1" class="m" width="90" height="40" viewBox="0 0 90 40">
 <g fill="none" stroke-miterlimit="10" transform="translate(5,5)">
  <g role="graphics-object" aria-roledescription="group"><g transform="translate(0,0)">
   <path class="background" aria-hidden="true" d="M0,0h80v30h-80Z"/>
   <g class="grid" pointer-events="none">
    <line transform="translate(0,10.26)" x2="80" y2="0" stroke="grey" stroke-width="1" opacity="1"/>
    <line transform="translate(0,20)" x2="80" y2="0" stroke="grey" stroke-width="1" opacity="1"/>
   </g>
   <g class="labels">
    <text text-anchor="end" font-size="12px" fill="black" font-family="Inter" opacity="1">Mon</text>
    <text text-anchor="end" font-size="12px" fill="black" font-family="Inter" opacity="0">Tue</text>
    <text text-anchor="end" font-size="12px" fill="black" font-family="Inter" opacity="1">Wed</text>
   </g>
   <g class="bars">
    <path aria-label="at: Mon" role="graphics-symbol" d="M1.3333333,0h8v30h-8Z" fill="blue"/>
    <path aria-label="at: Mon" role="graphics-symbol" d="M1.3333333,0h8v4h-8Z" fill="green"/>
    <path aria-label="at: Wed" role="graphics-symbol" d="M11,5h8v25h-8Z" fill="blue"/>
   </g>
   <path class="foreground" d="" display="none"/>
  </g></g>
 </g>
</svg>"""


def test_bars_and_lines_are_joined_by_how_they_look() -> None:
    paths = ET.fromstring(slimmed(DRAWING)).iter("path")
    assert [(path.get("stroke") or path.get("fill"), path.get("d")) for path in paths] == [
        ("grey", "M0,10.3l80,0M0,20l80,0"),
        ("blue", "M1.3,0h8v30h-8ZM11,5h8v25h-8Z"),
        ("green", "M1.3,0h8v4h-8Z"),
    ]


def test_texts_stay_unless_they_are_not_to_be_seen_and_share_what_they_have_in_common() -> None:
    root = ET.fromstring(slimmed(DRAWING))
    (labels,) = [each for each in root.iter("g") if each.find("text") is not None]
    assert [text.text for text in labels] == ["Mon", "Wed"]
    assert labels.attrib == {"font-size": "12px", "fill": "black", "text-anchor": "end"}
    assert all(text.attrib == {} for text in labels)
    assert root.get("font-family") == "Inter"


def test_words_for_each_bar_and_empty_elements_are_gone() -> None:
    light = slimmed(DRAWING)
    for gone in ("aria-", "role=", "class=", "opacity", "display", "xmlns", "background"):
        assert gone not in light
    assert 'viewBox="0 0 90 40"' in light
    assert 'transform="translate(5,5)"' in light
