r"""Generate labelled documents from templates.

A template file has sections (``[header 1-3]``, ``[body 2-5]`` or any other) with one template per
line. ``{slot}`` is filled by :class:`~tools.train_text_model.slots.Slots`, ``<a|b|>`` becomes one
of its alternatives, ``\n`` is a line break, and ``\t`` is a tab. ``[[LOCATION:behind {church}]]``
is one value of the label, whatever its slots are. A document consists of some lines of each
section, in the order of the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Optional

from tools.train_text_model.slots import Slots

_ALTERNATIVES = re.compile(r"<([^<>]*)>")
#: A slot, the start of a labelled value or its end.
_MARK = re.compile(r"\{(\w+)\}|\[\[([A-Z]+):|(\]\])")


@dataclass(frozen=True)
class Gold:
    """Labelled span of a document: half-open offsets and entity."""

    begin: int
    end: int
    label: str


@dataclass(frozen=True)
class Document:
    """Text with its gold spans in order; ``kind`` is the template file or corpus."""

    text: str
    spans: tuple[Gold, ...]
    kind: str


@dataclass(frozen=True)
class Grammar:
    """Content of a template file.

    Attributes
    ----------
    kind : str
        Name of the file.
    sections : dict
        Section name → templates.
    joiner : str
        Text between two lines of a document.
    counts : dict
        Section name → minimum and maximum number of lines in a document.
    """

    kind: str
    sections: dict[str, list[str]]
    joiner: str
    counts: dict[str, tuple[int, int]]


def read_grammar(path: Path) -> Grammar:
    """Read a template file; ``[name 1-3]`` uses one to three lines, ``@join`` sets the joiner.

    Raises
    ------
    ValueError
        If a template precedes the first section.
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
            raise ValueError(f"{path.name}: a template precedes the first section: add a section")
    return Grammar(path.stem, sections, joiner, counts)


def expand(template: str, rng: Random) -> str:
    """Return a template with each group of alternatives replaced by one, innermost first."""
    while match := _ALTERNATIVES.search(template):
        choice = rng.choice(match[1].split("|"))
        template = template[: match.start()] + choice + template[match.end() :]
    return template.replace("\\n", "\n").replace("\\t", "\t")


def render(template: str, slots: Slots, kind: str) -> Document:
    """Return a document: a template with its slots filled and labelled.

    Parameters
    ----------
    template : str
        Template with alternatives and slots.
    slots : Slots
        Source of the values.
    kind : str
        Name of the template file.
    """
    template = expand(template, slots.rng)
    parts: list[str] = []
    spans: list[Gold] = []
    length = last = start = 0
    outer: Optional[str] = None
    for match in _MARK.finditer(template):
        literal = template[last : match.start()]
        begin = length + len(literal)
        last = match.end()
        value, label = "", None
        if match[1]:
            value, label = slots.fill(match[1])
        elif match[2]:
            outer, start = match[2], begin
        elif outer:
            spans.append(Gold(start, begin, outer))
            outer = None
        else:
            value = match[3]
        parts += [literal, value]
        length = begin + len(value)
        if label and not outer:
            spans.append(Gold(begin, length, label))
    parts.append(template[last:])
    return Document("".join(parts), tuple(spans), kind)


def generate(grammar: Grammar, slots: Slots) -> Document:
    """Return a random document of a template file."""
    rng = slots.rng
    lines: list[str] = []
    for name, templates in grammar.sections.items():
        low, high = grammar.counts[name]
        lines += rng.sample(templates, min(rng.randint(low, high), len(templates)))
    return render(grammar.joiner.join(lines), slots, grammar.kind)
