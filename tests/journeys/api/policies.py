"""Packs that tests lay over the default one."""

from collections.abc import Sequence

from amends.adapters.packs import load
from amends.domain.policy.packs import load_pack
from amends.domain.policy.stack import Pack, check_stack


def with_clauses(
    layer: str, *clauses: str, published: str = "2015-01-01T00:00:00Z", name: str = "extra"
) -> Sequence[Pack]:
    """The default pack with one more of ``layer``; each clause is ``sets | when | sentence`` in TOML."""
    return stacked(pack(layer, *clauses, published=published, name=name))


def pack(layer: str, *clauses: str, published: str = "2015-01-01T00:00:00Z", name: str = "extra") -> Pack:
    """One pack of clauses."""
    head = (
        f'[pack]\nid = "{name}"\nversion = 1\nlayer = "{layer}"\ntitle = "{name}"\n'
        f'state = "published"\npublished_from = {published}\n'
    )
    return load_pack(head + "".join(_clause(name, n, text) for n, text in enumerate(clauses)), f"{name}.toml")


def stacked(*packs: Pack) -> Sequence[Pack]:
    """The default pack with these on top."""
    stack = (*load(("default",)), *packs)
    check_stack(stack)
    return stack


def _clause(name: str, n: int, text: str) -> str:
    sets, when, sentence = (part.strip() for part in text.split("|"))
    condition = f"when = {{ {when} }}\n" if when else ""
    return (
        f'\n[[clause]]\nid = "{name}.{n}"\nsets = {{ {sets} }}\n{condition}'
        f'sentence = "{sentence}"\ncitation = "test"\n'
    )
