"""What the stock of tests has: a lamp in four colours and a shade in two; how many, the sandbox says."""

from collections.abc import Sequence

from amends.application.ports.stock import Article

LAMP_SKU, SHADE_SKU = "LAMP-1", "SHADE-4"


def sold(article: Article) -> Sequence[tuple[str, int]]:
    """The forms of the lamp and the shade with their prices in minor units; nothing of any other article."""
    if article.sku == SHADE_SKU:
        return (("black", 1500), ("white", 1200))
    if article.sku != LAMP_SKU:
        return ()
    return (("sand", 6490), ("black", 6490), ("brass", 7290), ("linen", 5990))
