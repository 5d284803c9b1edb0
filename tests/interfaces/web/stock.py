"""What the stock of tests has: one lamp in four colours, of which how many is the sandbox's to say."""

from collections.abc import Sequence

from amends.application.ports.stock import Article

LAMP_SKU = "LAMP-1"


def sold(article: Article) -> Sequence[tuple[str, int]]:
    """The forms of the lamp with their prices in minor units; nothing of any other article."""
    if article.sku != LAMP_SKU:
        return ()
    return (("sand", 6490), ("black", 6490), ("brass", 7290), ("linen", 5990))
