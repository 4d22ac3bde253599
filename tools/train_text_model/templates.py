"""Templates to labelled documents.

A template file has sections (``[header]``, ``[body]``, ``[close]`` or any other), each with
one template a line. ``{slot}`` is filled by :class:`~tools.train_text_model.slots.Slots`,
``<a|b|>`` is one of its alternatives, ``\\n`` a line break. A document is a few lines of each
section, in the order of the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tools.train_text_model.slots import Slots

_ALTERNATIVES = re.compile(r"<([^<>]*)>")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Gold:
    """A labelled piece of a document: half-open offsets, model label."""

    begin: int
    end: int
    label: str


@dataclass(frozen=True)
class Document:
    """A text with its gold spans, in order; ``kind`` names the template file or corpus."""

    text: str
    spans: tuple[Gold, ...]
    kind: str


@dataclass(frozen=True)
class Grammar:
    """One template file: its sections, and how many lines a document takes of each."""

    kind: str
    sections: dict[str, list[str]]
    joiner: str
    counts: dict[str, tuple[int, int]]


def read_grammar(path: Path) -> Grammar:
    """Read a template file. ``[name 1-3]`` takes one to three lines; ``@join`` sets the joiner.

    Raises
    ------
    ValueError
        If a line stands before the first section.
    """
    sections: dict[str, list[str]] = {}
    counts: dict[str, tuple[int, int]] = {}
    joiner, current = "\n", ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("@join "):
            joiner = line[6:].strip("'").replace("\\n", "\n")
        elif match := re.fullmatch(r"\[(\w+) (\d+)-(\d+)\]", line):
            current = match[1]
            sections[current] = []
            counts[current] = (int(match[2]), int(match[3]))
        elif current:
            sections[current].append(line)
        else:
            raise ValueError(f"{path.name}: a template stands before the first section")
    return Grammar(path.stem, sections, joiner, counts)


def expand(template: str, rng: Random) -> str:
    """Choose among the alternatives, innermost first."""
    while match := _ALTERNATIVES.search(template):
        choice = rng.choice(match[1].split("|"))
        template = template[: match.start()] + choice + template[match.end() :]
    return template.replace("\\n", "\n")


def render(template: str, slots: Slots, kind: str) -> Document:
    """Fill one template."""
    template = expand(template, slots.rng)
    parts: list[str] = []
    spans: list[Gold] = []
    length = last = 0
    for match in _SLOT.finditer(template):
        literal = template[last : match.start()]
        value, label = slots.fill(match[1])
        parts += [literal, value]
        begin = length + len(literal)
        length = begin + len(value)
        last = match.end()
        if label:
            spans.append(Gold(begin, length, label))
    parts.append(template[last:])
    return Document("".join(parts), tuple(spans), kind)


def generate(grammar: Grammar, slots: Slots) -> Document:
    """One document of a grammar."""
    rng = slots.rng
    lines: list[str] = []
    for name, templates in grammar.sections.items():
        low, high = grammar.counts[name]
        lines += rng.sample(templates, min(rng.randint(low, high), len(templates)))
    return render(grammar.joiner.join(lines), slots, grammar.kind)
