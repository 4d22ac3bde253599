"""Find structured identifiers, and values that follow a field label (``patterns.yaml``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib import resources
from typing import Any

import yaml

from safelight.records import Span
from safelight.text.lexicon.plain_text import plain_text, restore_offsets
from safelight.text.lexicon.word_lists import expand_lists
from safelight.text.recognizers.pattern_checks import checks, trims
from safelight.text.recognizers.pattern_windows import PatternWindows
from safelight.text.recognizers.span_borders import tidy_borders
from safelight.text.span_merging import merge_spans

#: Characters before a value in which its ``unless`` is searched.
_UNLESS_REACH = 40
#: Default reach (before, after) of patterns that need any digit, and of those that need a label.
_DIGIT_REACH = (96, 64)
_LABEL_REACH = (48, 160)
#: A space in an expression, and an expression for a space or the end of a line.
_SPACE, _SPACE_OR_LINE_END = "[ ]", r"(?:[ ]|\r?\n)"
_REFERENCE = re.compile(r"<([a-z_]+)>")


@dataclass(frozen=True)
class Pattern:
    """Entry of ``patterns.yaml`` with all references expanded.

    Attributes
    ----------
    name, entity, subtype : str
        Name of the pattern, and labels of its values.
    after, pattern, unless : str
        Expressions valid in Python and Java; ``after`` and ``unless`` may be empty.
    needs : tuple of str
        Lower-case strings, at least one of which is in every match; ``#`` is any digit.
    digits : bool
        Whether every match holds a digit as well.
    reach : tuple of int
        Characters that a match, with its label, may extend before and after such a string.
    check : str
        Name of a function in :mod:`safelight.text.recognizers.pattern_checks` that accepts or
        rejects a value, or empty.
    trim : str
        Name of a function in the same module that returns the end of a value, or empty.
    wraps : bool
        Whether a space in a value may be the end of a line.
    ignore_case : bool
        Whether upper and lower case are equivalent.
    confidence : float
        Confidence of the spans, 0 to 1.
    """

    name: str
    entity: str
    subtype: str
    after: str
    pattern: str
    unless: str
    needs: tuple[str, ...]
    digits: bool
    reach: tuple[int, int]
    check: str
    trim: str
    wraps: bool
    ignore_case: bool
    confidence: float

    @property
    def engine(self) -> str:
        """Return ``key`` for a value that follows a label, else ``regex``."""
        return "key" if self.after else "regex"

    def java(self) -> str:
        """Return the whole expression for ``java.util.regex``, with a bounded look-behind."""
        flags = "(?iU)" if self.ignore_case else "(?U)"
        before = f"(?<={self.after})" if self.after else ""
        unless = f"(?<!{self.unless})" if self.unless else ""
        return flags + before + unless + self.pattern


@cache
def patterns() -> tuple[Pattern, ...]:
    """Return all patterns in the order of the file."""
    text = (resources.files("safelight.text.recognizers") / "patterns.yaml").read_text("utf-8")
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # libyaml saves 60 ms of start-up
    data: dict[str, Any] = yaml.load(text, Loader=loader)
    needed: dict[str, list[str]] = data["needed"]
    definitions: dict[str, str] = {}
    for name, value in data["define"].items():
        alternatives = value if isinstance(value, str) else f"(?:{'|'.join(value)})"
        definitions[name] = _expand(alternatives, definitions)
    return tuple(
        Pattern(
            name=entry["name"],
            entity=entry["entity"],
            subtype=entry.get("subtype", ""),
            after=_expand(entry.get("after", ""), definitions),
            pattern=_expand(entry["pattern"], definitions),
            unless=_expand(entry.get("unless", ""), definitions),
            needs=tuple(need for name in entry["needs"] for need in needed.get(name, [name])),
            digits=entry.get("digits") == "true",
            reach=_reach(entry),
            check=entry.get("check", ""),
            trim=entry.get("trim", ""),
            wraps=entry.get("wraps") == "true",
            ignore_case=entry.get("case") != "exact",
            confidence=float(entry.get("confidence", 1)),
        )
        for entry in data["patterns"]
    )


def find_patterns(text: str) -> list[Span]:
    """Return the spans of all patterns in a text, merged.

    Parameters
    ----------
    text : str
        Text of any length.

    Returns
    -------
    list of Span
        Spans in order, without overlap. Their engine is ``key`` for a value that follows a
        label, else ``regex``.
    """
    plain = plain_text(text)
    return restore_offsets(find_plain_patterns(plain.text), plain)


def find_plain_patterns(text: str) -> list[Span]:
    """Return the spans of all patterns in a text of plain characters, merged.

    Parameters
    ----------
    text : str
        As :func:`safelight.text.lexicon.plain_text.plain_text` returns it.
    """
    windows = PatternWindows(text)
    has_lines = "\n" in text
    spans: list[Span] = []
    for compiled in _compiled_patterns():
        pattern = compiled.pattern
        for first, last in windows.around(pattern.needs, pattern.digits, pattern.reach):
            spans.extend(
                Span(
                    begin, end, pattern.entity, pattern.engine, pattern.confidence, pattern.subtype
                )
                for begin, end in _find_values(
                    compiled.over_lines if has_lines else compiled, text, first, last
                )
            )
    return tidy_borders(text, merge_spans(spans, text)) if spans else spans


def _expand(expression: str, definitions: dict[str, str]) -> str:
    """Return an expression with its references to definitions and word lists expanded."""
    return _REFERENCE.sub(lambda match: definitions[match.group(1)], expand_lists(expression))


def _reach(entry: dict[str, Any]) -> tuple[int, int]:
    """Return the reach of an entry of the file."""
    if "reach" in entry:
        before, after = map(int, entry["reach"])
        return before, after
    return _DIGIT_REACH if entry["needs"] == ["#"] else _LABEL_REACH


@dataclass(frozen=True)
class _CompiledPattern:
    """Pattern with its compiled expressions and its functions."""

    pattern: Pattern
    find: re.Pattern[str]
    unless: re.Pattern[str] | None
    check: Callable[[str], bool] | None
    trim: Callable[[str], int] | None

    @cached_property
    def over_lines(self) -> _CompiledPattern:
        """Return the pattern for texts of several lines, of which a value may have two or more."""
        if not self.pattern.wraps:
            return self
        expression = self.find.pattern.replace(_SPACE, _SPACE_OR_LINE_END)
        return replace(self, find=re.compile(expression, self.find.flags))


@cache
def _compiled_patterns() -> tuple[_CompiledPattern, ...]:
    """Return all patterns, compiled once per process."""
    compiled = []
    for pattern in patterns():
        flags = re.IGNORECASE if pattern.ignore_case else 0
        compiled.append(
            _CompiledPattern(
                pattern,
                re.compile(f"{pattern.after}({pattern.pattern})", flags),
                re.compile(f"(?:{pattern.unless})\\Z", flags | re.IGNORECASE)
                if pattern.unless
                else None,
                checks()[pattern.check] if pattern.check else None,
                trims()[pattern.trim] if pattern.trim else None,
            )
        )
    return tuple(compiled)


def _find_values(
    compiled: _CompiledPattern, text: str, first: int, last: int
) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each value of a pattern in a range of a text.

    The search continues at the end of a trimmed value: in ``Mr. John Smith, Dr. J. Smith`` the
    expression of the first name includes the second title, which must be found by itself.
    """
    while match := compiled.find.search(text, first, last):
        begin, end = match.span(1)
        first = max(match.end(), match.start() + 1)
        if compiled.check and not compiled.check(match.group(1)):
            continue
        if compiled.unless and compiled.unless.search(text, max(0, begin - _UNLESS_REACH), begin):
            continue
        if compiled.trim:
            end = begin + compiled.trim(match.group(1))
            first = max(end, match.start() + 1)
        yield begin, end
