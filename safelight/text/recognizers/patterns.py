"""Find structured identifiers and what stands after telling keys (``patterns.yaml``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from safelight.records import Span
from safelight.text.recognizers.pattern_checks import checks, trims
from safelight.text.recognizers.pattern_windows import Windows
from safelight.text.span_merging import merge_spans

#: One character for another, so that offsets stay: hyphens of typesetters, blanks that do not
#: break, and the wide forms of ASCII (U+FF01 to U+FF5E).
_PLAIN = {ord(dash): "-" for dash in "\u2010\u2011\u2012\u2013\u2212"}
_PLAIN |= {ord(blank): " " for blank in "\u00a0\u2007\u202f\u3000"}
_PLAIN |= {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
#: How far before a value its ``unless`` may reach.
_UNLESS_REACH = 40
#: Reach of patterns whose digits come after a key, and of those whose key comes first.
_DIGIT_REACH = (96, 64)
_KEY_REACH = (48, 160)
_MARK = re.compile(r"<([a-z]+)>")


@dataclass(frozen=True)
class Pattern:
    """One entry of ``patterns.yaml`` with its definitions put in.

    Attributes
    ----------
    after, pattern, unless : str
        Expressions valid in Python and Java; ``after`` and ``unless`` may be empty.
    needs : tuple of str
        Lower-case strings, one of which every match holds; ``#`` is any digit.
    digits : bool
        Whether every match holds a digit as well.
    reach : tuple of int
        How far a match, with its key, may extend before and behind such a string.
    check : str
        Name of a function of :mod:`safelight.text.recognizers.pattern_checks`, or empty.
    trim : str
        Name of a function of the same module that gives the end of the value proper, or empty.
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
    ignore_case: bool
    confidence: float

    @property
    def engine(self) -> str:
        """``key`` when it hangs on what stands before, else ``regex``."""
        return "key" if self.after else "regex"

    def java(self) -> str:
        """The whole for ``java.util.regex``, where a look-behind may be of bounded length."""
        flags = "(?iU)" if self.ignore_case else "(?U)"
        before = f"(?<={self.after})" if self.after else ""
        unless = f"(?<!{self.unless})" if self.unless else ""
        return flags + before + unless + self.pattern


def _put_in(text: str, define: dict[str, str]) -> str:
    return _MARK.sub(lambda mark: define[mark.group(1)], text)


@cache
def patterns() -> tuple[Pattern, ...]:
    """All shipped patterns, in the order of the file."""
    text = (resources.files("safelight.text.recognizers") / "patterns.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
    sets: dict[str, list[str]] = data["needed"]
    define: dict[str, str] = {}
    for name, value in data["define"].items():
        define[name] = _put_in(value, define)
    return tuple(
        Pattern(
            name=entry["name"],
            entity=entry["entity"],
            subtype=entry.get("subtype", ""),
            after=_put_in(entry.get("after", ""), define),
            pattern=_put_in(entry["pattern"], define),
            unless=_put_in(entry.get("unless", ""), define),
            needs=tuple(need for n in entry["needs"] for need in sets.get(n, [n])),
            digits=entry.get("digits") == "true",
            reach=_reach(entry),
            check=entry.get("check", ""),
            trim=entry.get("trim", ""),
            ignore_case=entry.get("case") != "exact",
            confidence=float(entry.get("confidence", 1)),
        )
        for entry in data["patterns"]
    )


def _reach(entry: dict[str, Any]) -> tuple[int, int]:
    if "reach" in entry:
        before, behind = map(int, entry["reach"])
        return before, behind
    return _DIGIT_REACH if entry["needs"] == ["#"] else _KEY_REACH


@dataclass(frozen=True)
class _Compiled:
    pattern: Pattern
    find: re.Pattern[str]
    unless: re.Pattern[str] | None
    check: Callable[[str], bool] | None
    trim: Callable[[str], int] | None


@cache
def _compiled() -> tuple[_Compiled, ...]:
    compiled = []
    for pattern in patterns():
        flags = re.IGNORECASE if pattern.ignore_case else 0
        compiled.append(
            _Compiled(
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


def _values(entry: _Compiled, text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Begin and end of what a pattern finds in a part of a text.

    What a trim cuts off is looked at again: in ``Mr. John Smith, Dr. J. Smith`` the first name
    would take the second title along.
    """
    while match := entry.find.search(text, first, last):
        begin, end = match.span(1)
        first = max(match.end(), match.start() + 1)
        if entry.check and not entry.check(match.group(1)):
            continue
        if entry.unless and entry.unless.search(text, max(0, begin - _UNLESS_REACH), begin):
            continue
        if entry.trim:
            end = begin + entry.trim(match.group(1))
            first = max(end, match.start() + 1)
        yield begin, end


def find_patterns(text: str) -> list[Span]:
    """The spans of all patterns in a text, merged.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of Span
        In order, without overlap; engine ``regex``, or ``key`` for what hangs on a key.
    """
    text = text if text.isascii() else text.translate(_PLAIN)
    windows = Windows(text)
    spans: list[Span] = []
    for entry in _compiled():
        pattern = entry.pattern
        for first, last in windows.around(pattern.needs, pattern.digits, pattern.reach):
            spans.extend(
                Span(
                    begin, end, pattern.entity, pattern.engine, pattern.confidence, pattern.subtype
                )
                for begin, end in _values(entry, text, first, last)
            )
    return merge_spans(spans, text) if spans else spans
