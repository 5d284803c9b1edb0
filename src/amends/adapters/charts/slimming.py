"""Drawings made light: Vega writes an element for every tick and bar, with words nobody hears."""

import re
from xml.etree import ElementTree as ET

# The drawing is hidden from those who listen and cannot be pressed; the rest is what stands there anyway.
_IDLE = frozenset({"role", "class", "pointer-events", "stroke-miterlimit", "version"})
_DEFAULTS = {"opacity": "1", "stroke-width": "1", "transform": "translate(0,0)"}
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_TRANSLATED = re.compile(r"translate\((-?[\d.]+),(-?[\d.]+)\)")


def slimmed(svg: str) -> str:
    """The same drawing with its lines and bars joined by colour, and without what is not to be seen."""
    root = ET.fromstring(svg)  # noqa: S314  # our own drawing
    fonts = {each.attrib.pop("font-family", "") for each in root.iter()} - {""}
    _tidied(root)
    _lightened(root)
    if len(fonts) == 1:
        root.set("font-family", fonts.pop())
    return ET.tostring(root, encoding="unicode")


def _tidied(element: ET.Element) -> None:
    element.tag = element.tag.rpartition("}")[2]
    for name, value in list(element.items()):
        if name in _IDLE or name.startswith("aria-") or _DEFAULTS.get(name) == value:
            del element.attrib[name]
        elif name in {"d", "transform", "x2", "y2"}:
            element.set(name, _NUMBER.sub(_rounded, value))
    for child in element:
        _tidied(child)


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.1f}".removesuffix(".0")


def _lightened(element: ET.Element) -> None:
    """Leave out what draws nothing, take children out of needless groups, and join what looks the same."""
    kept: list[ET.Element] = []
    for child in list(element):
        _lightened(child)
        element.remove(child)
        if child.tag == "line":
            _traced(child)
        if not _draws(child):
            continue
        kept += list(child) if child.tag == "g" and not child.attrib else [child]
    _joined(element, kept)
    _hoisted(element)


def _draws(element: ET.Element) -> bool:
    unseen = element.get("display") == "none" or element.get("opacity") == "0"
    if unseen or (element.tag == "g" and len(element) == 0):
        return False
    painted = element.get("fill", "none") != "none" or "stroke" in element.attrib
    return element.tag != "path" or (painted and bool(element.get("d")))


def _traced(line: ET.Element) -> None:
    """A line as a path, which can be joined with others."""
    place = _TRANSLATED.fullmatch(line.attrib.pop("transform", "translate(0,0)"))
    x, y = place.groups() if place else ("0", "0")
    line.set("d", f"M{x},{y}l{line.attrib.pop('x2', '0')},{line.attrib.pop('y2', '0')}")
    line.tag = "path"


def _joined(element: ET.Element, children: list[ET.Element]) -> None:
    """Paths that differ in nothing but where they run become one, which begins anew for each."""
    paths: dict[tuple[tuple[str, str], ...], ET.Element] = {}
    for child in children:
        looks = tuple(sorted((name, value) for name, value in child.items() if name != "d"))
        same = paths.setdefault(looks, child) if child.tag == "path" else child
        if same is child:
            element.append(child)
        else:
            same.set("d", f"{same.get('d')}{child.get('d')}")


def _hoisted(element: ET.Element) -> None:
    """What all texts of a group have in common is said once."""
    texts = element.findall("text")
    if len(texts) < 2 or len(texts) != len(element):
        return
    for name in ("font-size", "fill", "text-anchor", "font-weight"):
        said = {text.get(name) for text in texts}
        if len(said) == 1 and (value := said.pop()) is not None:
            element.set(name, value)
            for text in texts:
                del text.attrib[name]
