"""The people of the simulated marketplace: plainly invented, each with a way of their own."""

from random import Random

import msgspec

from amends.domain.orders import Tier
from amends.domain.parties import Actor, Role


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to be, on the sign-in page and in the stories.

    ``about`` is one sentence, ``zone`` an IANA zone, ``country`` ISO 3166-1 alpha-2. ``tier`` and
    ``postcode`` are a buyer's, ``address`` is where a seller takes returns.
    """

    role: Role
    id: str
    name: str
    about: str
    zone: str
    country: str
    tier: Tier = Tier.STANDARD
    postcode: str = ""
    address: str = ""

    @property
    def actor(self) -> Actor:
        """The person as the author of commands."""
        return Actor(self.role, self.id)


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody by the part they play, whatever their name."""

    berlin: Person
    lyon: Person
    curitiba: Person
    osaka: Person
    kuwait: Person
    boston: Person
    sevilla: Person
    chicago: Person
    lamps: Person
    shoes: Person
    phones: Person
    beach: Person
    mugs: Person
    pantry: Person
    gadgets: Person
    calm: Person
    strict: Person
    young: Person
    support: Person
    payments: Person

    @property
    def everybody(self) -> tuple[Person, ...]:
        """Buyers, sellers, mediators, operators."""
        return tuple(getattr(self, name) for name in self.__struct_fields__)


# Of each row's names the seed draws one. A name stands for nobody.
_BUYERS: dict[str, tuple[tuple[str, ...], Tier, str, str, str, str]] = {
    "berlin": (
        ("Nora Lindqvast", "Mila Kesselring", "Frieda Ammerlohn"),
        Tier.STANDARD,
        "Europe/Berlin",
        "DE",
        "10115",
        "Furnishes a first flat in Berlin and photographs every parcel before opening it.",
    ),
    "lyon": (
        ("Théo Marchavel", "Basile Corvanne", "Élise Fontamard"),
        Tier.PLATINUM,
        "Europe/Paris",
        "FR",
        "69002",
        "Platinum member in Lyon who runs marathons and knows every clause about returns.",
    ),
    "curitiba": (
        ("Ana Beatriz Solmar", "Luana Pedravale", "Caio Montebrisa"),
        Tier.DIAMOND,
        "America/Sao_Paulo",
        "BR",
        "80010-000",
        "Diamond member in Curitiba, orders for the whole family and expects quick answers.",
    ),
    "osaka": (
        ("Hana Mizukara", "Ren Takehoshi", "Aoi Shirasawane"),
        Tier.PLATINUM,
        "Asia/Tokyo",
        "JP",
        "530-0001",
        "Platinum member in Osaka, polite and exact, keeps every receipt.",
    ),
    "kuwait": (
        ("Yusuf Al-Rimani", "Layan Al-Safwar", "Badr Al-Mehraz"),
        Tier.STANDARD,
        "Asia/Kuwait",
        "KW",
        "13001",
        "Buys phones for a small office in Kuwait City and always asks for the papers.",
    ),
    "boston": (
        ("Grace Ellerwick", "Owen Tarrowby", "Maeve Hollinsgate"),
        Tier.DIAMOND,
        "America/New_York",
        "US",
        "02108",
        "Diamond member in Boston who gives a lot of presents and sends some of them back.",
    ),
    "sevilla": (
        ("Marta Olivaruna", "Irene Castelmora", "Pablo Vegafrío"),
        Tier.STANDARD,
        "Europe/Madrid",
        "ES",
        "41001",
        "Cooks and swims in Sevilla; forgets deadlines without a reminder.",
    ),
    "chicago": (
        ("Dele Okonwright", "Marcus Fennimore-Bly", "Tessa Quillander"),
        Tier.STANDARD,
        "America/Chicago",
        "US",
        "60614",
        "Repairs lamps and radios in Chicago and can tell a fake from ten feet away.",
    ),
}
_SELLERS: dict[str, tuple[tuple[str, ...], str, str, str, str]] = {
    "lamps": (
        ("Dune & Lumen", "Halflicht Studio"),
        "Europe/Amsterdam",
        "NL",
        "Kade 12, 1099 XX Lampstad",
        "Makes lamps in the Netherlands; answers within hours and would rather pay than argue.",
    ),
    "shoes": (
        ("Calzature Passolento", "Scarpa Vivaterra"),
        "Europe/Rome",
        "IT",
        "Via della Suola 7, 50199 Passolento",
        "Italian shoemaker, proud of the work and stubborn about every complaint.",
    ),
    "phones": (
        ("Bright Harbour Mobile", "Nine Bridges Phones"),
        "Asia/Shanghai",
        "CN",
        "Unit 5, 88 Harbour Road, 518999 Samplezhen",
        "Sells phones from Shenzhen; fair in the end, but every answer takes days.",
    ),
    "beach": (
        ("Maré Alta Praia", "Onda Serena"),
        "America/Sao_Paulo",
        "BR",
        "Rua das Ondas 40, 88099-000 Praia Modelo",
        "Swimwear and earrings from Brazil; friendly, quick, and strict where hygiene is concerned.",
    ),
    "mugs": (
        ("Say It On A Mug", "The Kiln Next Door"),
        "America/Denver",
        "US",
        "19 Kiln Lane, Mugford, CO 80999",
        "Prints mugs to order in Colorado; quick, cheerful, keeps a spare of everything.",
    ),
    "pantry": (
        ("Despensa do Sul", "Horta Clara"),
        "Europe/Lisbon",
        "PT",
        "Rua do Azeite 3, 7999-001 Vila Amostra",
        "Ships olive oil and cheese from Portugal and hardly ever reads messages.",
    ),
    "gadgets": (
        ("Pixel Bazaar", "Neon Drawer"),
        "Asia/Hong_Kong",
        "HK",
        "Flat 9, 14 Signal Street, Sample Kok",
        "Branded gadgets at surprising prices from Hong Kong; disputes the facts, then the clause.",
    ),
}
_MEDIATORS: dict[str, tuple[tuple[str, ...], str, str, str]] = {
    "calm": (
        ("Inês Valcourt", "Solveig Arnemark"),
        "Europe/Lisbon",
        "PT",
        "Mediates from Lisbon: hears both sides twice and writes short rulings.",
    ),
    "strict": (
        ("Tomasz Bielgraf", "Anselm Roderick Vey"),
        "Europe/Warsaw",
        "PL",
        "Mediates from Warsaw and goes by the evidence alone.",
    ),
    "young": (
        ("Priya Nandakar", "Noa Feldmarin"),
        "Asia/Kolkata",
        "IN",
        "Mediates from Pune, joined this spring and takes the appeals nobody else wants.",
    ),
}
_OPERATORS: dict[str, tuple[tuple[str, ...], str, str, str]] = {
    "support": (
        ("Kaya Brennholt", "Jules Ardenfield"),
        "Europe/Berlin",
        "DE",
        "Leads support: watches the late cases and reopens those that closed too soon.",
    ),
    "payments": (
        ("Samir Oudekerk", "Lotte Vandermoor"),
        "Europe/Amsterdam",
        "NL",
        "Looks after payments and chases refunds that do not arrive.",
    ),
}


def cast(seed: int) -> Cast:
    """Everybody, named by ``seed``; the same seed gives the same people."""
    random = Random(f"people/{seed}")  # noqa: S311  a play's names, not a secret
    parts: dict[str, Person] = {}
    for part, (names, tier, zone, country, postcode, about) in _BUYERS.items():
        parts[part] = Person(
            role=Role.BUYER,
            id=f"buyer-{part}",
            name=random.choice(names),
            about=about,
            zone=zone,
            country=country,
            tier=tier,
            postcode=postcode,
        )
    for part, (names, zone, country, address, about) in _SELLERS.items():
        name = random.choice(names)
        parts[part] = Person(
            role=Role.SELLER,
            id=f"seller-{part}",
            name=name,
            about=about,
            zone=zone,
            country=country,
            address=f"{name}, Returns, {address}",
        )
    for role, staff in ((Role.MEDIATOR, _MEDIATORS), (Role.OPERATOR, _OPERATORS)):
        for part, (names, zone, country, about) in staff.items():
            parts[part] = Person(
                role=role,
                id=f"{role.value}-{part}",
                name=random.choice(names),
                about=about,
                zone=zone,
                country=country,
            )
    return Cast(**parts)


def people(seed: int) -> tuple[Person, ...]:
    """Who can be signed in as, by role: buyers, sellers, mediators, operators."""
    return cast(seed).everybody
