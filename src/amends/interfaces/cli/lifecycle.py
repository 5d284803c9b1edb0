"""The lifecycle as a document: the table drawn and written out, and what the proof found about it."""

from collections.abc import Iterable, Iterator

from amends.domain.cases.lifecycle import (
    ACCEPTED,
    CLOSED_MOVES,
    LIFECYCLE,
    OPENING,
    ORDERS,
    PAY,
    SETTLE,
    Move,
    Standing,
)
from amends.domain.cases.model import State
from amends.domain.cases.prove import Proof, Step
from amends.domain.orders import Method
from amends.domain.parties import Role
from amends.domain.policy.parameters import PARAMETERS
from amends.domain.policy.terms import Terms
from amends.domain.time import Period

# Where many moves lead to the same states, they are drawn as one node: the widest group that fits.
_GROUPS: tuple[tuple[str, tuple[State, ...]], ...] = (
    ("settled", SETTLE),
    ("goods settled", ACCEPTED),
    ("paid", PAY),
)
_HEAD = """# The lifecycle

Generated from `amends.domain.cases.lifecycle`, the terms of the default pack and the proof; a test compares.

Every live case waits on somebody until an instant, and something happens at that instant if nothing else has.
A decision at the exact instant is late; reports of carriers and payment providers never are.
"""


def lifecycle_markdown(proof: Proof, terms: Terms) -> str:
    """The document: the diagram (solid: a command; dotted: silence), the tables, and the proof's figures.

    ``terms`` give the lengths of the clocks and should be those the proof was made under.
    """
    parts = (
        _HEAD,
        "## Cases\n",
        "\n".join(_diagram()),
        _meanings(),
        "\n".join(_states(terms)),
        "## Orders\n",
        "\n".join(_orders(terms)),
        "## Every case ends\n",
        _figures(proof),
        *(f"{title}\n\n" + "\n".join(_way(steps)) for title, steps in _ways(proof)),
    )
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _diagram() -> Iterator[str]:
    yield "```mermaid"
    yield "flowchart TD"
    yield "    opened((opened))"
    for state in State:
        left, right = ("([", "])") if state is State.CLOSED else ("[", "]")
        yield f"    {state.value}{left}{_words(state.value)}{right}"
    for name, _ in _GROUPS:
        yield f"    {_node(name)}{{{name}}}"
    for (start, to), labels in _solid().items():
        yield f'    {start} -->|"{"<br/>".join(labels)}"| {to}'
    for name, members in _GROUPS:
        for to in _targets(members, but=name):
            yield f"    {_node(name)} --> {to}"
    for state, standing in LIFECYCLE.items():
        label = "<br/>or ".join(_words(outcome) for outcome in _outcomes(standing))
        for to in _targets(standing.lapses_to):
            if to != state.value:
                yield f'    {state.value} -.->|"{label}"| {to}'
    yield "```"


def _solid() -> dict[tuple[str, str], list[str]]:
    """The labels of each drawn arrow; a command that leaves a case where it is has none."""
    arrows: dict[tuple[str, str], list[str]] = {}
    moves = {state.value: standing.moves for state, standing in LIFECYCLE.items()}
    moves[State.CLOSED.value] = CLOSED_MOVES
    moves["opened"] = {name: Move((Role.BUYER,), to) for name, to in OPENING.items()}
    for start, found in moves.items():
        for name, move in found.items():
            for to in _targets(move.to):
                if to != start:
                    arrows.setdefault((start, to), []).append(_labelled(name, move))
    return arrows


def _targets(to: Iterable[State], but: str = "") -> list[str]:
    """Nodes for these states: the widest group among them, then the others."""
    left = set(to)
    found = []
    for name, members in _GROUPS:
        if name != but and set(members) <= left:
            left -= set(members)
            found.append(_node(name))
    return found + [state.value for state in State if state in left]


def _node(name: str) -> str:
    return name.replace(" ", "_")


def _words(name: str) -> str:
    return name.replace("_", " ")


def _labelled(name: str, move: Move) -> str:
    return f"{_words(name)} ({_by(move)})"


def _by(move: Move) -> str:
    return " or ".join(role.value for role in move.by)


def _meanings() -> str:
    lines = ["Solid arrows are commands, dotted ones what silence does.", ""]
    for name, members in _GROUPS:
        lines.append(f"- **{name}** leads to {', '.join(_words(state.value) for state in members)}.")
    return "\n".join(lines)


def _states(terms: Terms) -> Iterator[str]:
    yield "| state | waits on | clock | length | silence | moves |"
    yield "|---|---|---|---|---|---|"
    for state, standing in LIFECYCLE.items():
        on = " or ".join(role.value for role in standing.on)
        moves = "; ".join(_told(name, move) for name, move in standing.moves.items()) or "none"
        clock, length = f"`{standing.clock}`", _length(standing.clock, terms)
        yield f"| {_words(state.value)} | {on} | {clock} | {length} | {_silence(standing)} | {moves} |"
    moves = "; ".join(_told(name, move) for name, move in CLOSED_MOVES.items())
    yield f"| {_words(State.CLOSED.value)} | nobody | | {terms.period('reopen.window')} | | {moves} |"


def _told(name: str, move: Move) -> str:
    text = f"{_words(name)} ({_by(move)})"
    return f"**{text}**" if move.mandatory else text


def _outcomes(standing: Standing) -> tuple[str, ...]:
    """What silence can mean: the default, then what a clause may name instead."""
    parameter = PARAMETERS.get(standing.clock)
    others = parameter.outcomes if parameter else ()
    return tuple(dict.fromkeys((standing.default, *others)))


def _silence(standing: Standing) -> str:
    default, *others = (_words(outcome) for outcome in _outcomes(standing))
    to = ", ".join(_words(name) for name in _targets(standing.lapses_to))
    instead = f" (the terms may say {' or '.join(others)})" if others else ""
    return f"{default}{instead}: {to}"


def _length(clock: str, terms: Terms) -> str:
    if terms.has(clock):
        return str(terms.get(clock).value)
    # The arrival of a refund is bounded by its method.
    spans = [(method, terms.get(f"{clock}.{method.value}").value) for method in Method]
    return ", ".join(f"{_words(method)} {least}-{most}" for method, (least, most) in spans) + " working days"


def _orders(terms: Terms) -> Iterator[str]:
    yield "| stage | waits on | clock | length | silence | leads to |"
    yield "|---|---|---|---|---|---|"
    for stage, standing in ORDERS.items():
        clock = f"`{standing.clock}`" if standing.clock else ""
        value = terms.get(standing.clock).value if standing.clock else ""
        length = str(value) if isinstance(value, Period) else ""
        to = ", ".join(dict.fromkeys(_words(other.value) for other in standing.to if other is not stage))
        on = standing.on.value if standing.default else "nobody"
        yield (f"| {_words(stage.value)} | {on} | {clock} | {length} | {_words(standing.default)} | {to} |")


def _figures(proof: Proof) -> str:
    tried = f"{proof.commands:,} commands in {proof.situations:,} situations"
    lines = [
        f"`amends prove` tried {tried}; {proof.refused:,} were refused.",
        "",
        "| state | waits on | silence | situations | days left at most |",
        "|---|---|---|---|---|",
    ]
    for facts in proof.states:
        owners, defaults = ", ".join(facts.owners), ", ".join(_words(name) for name in facts.defaults)
        days = f"{facts.worst_days_left:.1f}"
        lines.append(f"| {_words(facts.state)} | {owners} | {defaults} | {facts.situations:,} | {days} |")
    lines.append("")
    if proof.never_reached:
        lines.append(f"Never reached: {', '.join(_words(name) for name in proof.never_reached)}.")
    lines += [f"- Flaw: {flaw}" for flaw in proof.flaws] or ["No flaw was found: every case ends."]
    return "\n".join(lines)


def _ways(proof: Proof) -> tuple[tuple[str, tuple[Step, ...]], ...]:
    return (
        (f"The longest way to the end takes {proof.worst_days:.1f} days:", proof.worst),
        (f"If everybody stays silent, the longest takes {proof.silent_worst_days:.1f}:", proof.silent_worst),
    )


def _way(steps: Iterable[Step]) -> Iterator[str]:
    yield "| day | who | what | leads to |"
    yield "|---|---|---|---|"
    for step in steps:
        yield f"| {step.days:.1f} | {step.who} | {_words(step.what)} | {_words(step.to)} |"
