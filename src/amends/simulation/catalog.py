"""What is sold in the simulated marketplace, and for how much in each currency."""

import msgspec

from amends.domain.bundles import Part
from amends.domain.money import decimals

# Rough market rates: minor units of a currency for so many euro cents, and the step its prices go in.
_RATES = {
    "EUR": (1, 1, 10),
    "USD": (11, 10, 50),
    "BRL": (6, 1, 100),
    "JPY": (165, 100, 100),
    "KWD": (34, 10, 250),
}


class Article(msgspec.Struct, frozen=True):
    """Something on sale; ``cents`` is its price in euro cents, ``postage`` that of sending one.

    ``parts`` make it a bundle; what each costs by itself is in euro cents.
    """

    title: str
    category: str
    cents: int
    variants: tuple[str, ...]
    weight_g: int
    postage: int = 490
    traits: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    volume_cm3: int = 0

    @property
    def sku(self) -> str:
        """A stock number made of the title's initials."""
        return "".join(word[0] for word in self.title.split()).upper() + f"-{self.cents}"


CATALOG: dict[str, Article] = {
    "table lamp": Article("Table lamp Dune", "home/lamps", 6990, ("sand", "black", "terracotta"), 2300, 690),
    "floor lamp": Article(
        "Floor lamp Reed", "home/lamps", 15900, ("oak", "ash"), 7400, 1490, volume_cm3=48_000
    ),
    "night light": Article("Night light Pebble", "home/lamps", 790, ("white", "blue"), 180, 290),
    "running shoes": Article("Running shoes Tempo", "apparel/shoes", 11900, ("40", "41", "42", "43"), 900),
    "loafers": Article("Leather loafers Riva", "apparel/shoes", 18900, ("39", "40", "42"), 1100),
    "ankle boots": Article("Ankle boots Colle", "apparel/shoes", 22900, ("37", "38", "39"), 1500, 890),
    "phone": Article(
        "Phone Aster 5 128 GB", "electronics/phones", 34900, ("black", "mint"), 420, 990, ("branded",)
    ),
    "small phone": Article("Phone Aster Mini 64 GB", "electronics/phones", 21900, ("grey", "rose"), 350, 990),
    "phone case": Article("Phone case Aster 5", "electronics/accessories", 690, ("clear", "black"), 60, 190),
    "swimsuit": Article("Swimsuit Enseada", "apparel/swimwear", 5490, ("S", "M", "L"), 200),
    "trunks": Article("Swim trunks Farol", "apparel/swimwear", 3990, ("M", "L"), 220),
    "earrings": Article("Earrings Concha", "jewellery/earrings", 4290, ("silver", "gold"), 40, 390),
    "custom mug": Article(
        "Custom mug with your words", "home/mugs", 2190, ("white", "navy"), 420, 590, ("custom",)
    ),
    "mug set": Article("Set of mugs Prairie", "home/mugs", 4490, ("speckled", "slate"), 1800, 890),
    "olive oil": Article(
        "Olive oil, 3 l can", "food", 4190, ("early harvest", "classic"), 3100, 890, ("perishable",)
    ),
    "cheese": Article(
        "Mountain cheese, 1 kg", "food", 2990, ("12 months", "24 months"), 1100, 990, ("perishable",)
    ),
    "ceramic pan": Article("Ceramic pan Lume", "home/kitchen", 5990, ("24 cm", "28 cm"), 1600, 790),
    "breakfast set": Article(
        "Breakfast set Prairie",
        "home/mugs",
        8990,
        ("slate",),
        3300,
        890,
        parts=(
            Part(part_id="teapot", title="Teapot Prairie", price=5990, sku="TP-5990", weight_g=1300),
            Part(part_id="cups", title="Cup Prairie", price=1290, pieces=4, sku="CP-1290", weight_g=320),
            Part(part_id="tray", title="Oak tray", price=2490, sku="OT-2490", weight_g=720),
        ),
    ),
    "headphones": Article(
        "Headphones Orbis Pro", "electronics/audio", 17900, ("black", "silver"), 500, 790, ("branded",)
    ),
    "power bank": Article(
        "Power bank 20 000 mAh", "electronics/accessories", 3990, ("black",), 450, 690, ("hazardous",)
    ),
    "smart watch": Article(
        "Smart watch Orbis Fit", "electronics/watches", 12900, ("S/M", "M/L"), 160, 590, ("branded",)
    ),
}


def price(cents: int, currency: str) -> int:
    """Euro ``cents`` as a price tag in ``currency``: minor units, in steps shops there use.

    Raises `KeyError` for a currency nothing is sold in.
    """
    units, per, step = _RATES[currency]
    exact = cents * units // per
    tag = max(step, -(-exact // step) * step)
    # Two-decimal prices look like 69.90, not 70.00.
    return tag - 10 if decimals(currency) == 2 and tag % 100 == 0 else tag
