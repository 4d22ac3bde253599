"""Look up whether and where an imaging device burns text into its images.

The catalog ``devices.yaml`` has two kinds of rules. The rules of a device are found by its
manufacturer and model; one of them decides. The rules of a class of devices name words that
header values contain; the boxes of all matching rules are joined.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from safelight.pixels.dicom.safe_values import HeaderGetter
from safelight.pixels.geometry import Box

Action = Literal["allow", "scrub", "deny"]

_ACTIONS = ("allow", "scrub", "deny")
#: Keywords whose values are compared as a whole, not searched for words.
_NUMBERS = ("Rows", "Columns", "WindowWidth")


@dataclass(frozen=True)
class DeviceDecision:
    """The action for an object because of the device that created it.

    Attributes
    ----------
    action : str
        ``allow`` (no burned-in text is known), ``scrub`` (text is burned in: mask ``boxes``;
        none if the text has no fixed place) or ``deny``.
    boxes : tuple of Box
        They may extend beyond the frame.
    rule : str
        Name of the rule. No PHI.
    exact : bool
        Whether the rule is one of the device, not of a class of devices.
    """

    action: Action
    boxes: tuple[Box, ...]
    rule: str
    exact: bool = True


class CatalogError(ValueError):
    """Raised for an invalid rule; names the rule and what is expected."""


def normalize_name(value: str) -> str:
    """Return a value as rules compare it: in capitals, with a blank for other characters."""
    return re.sub(r"[^A-Z0-9]+", " ", value.upper()).strip()


@dataclass(frozen=True)
class _DeviceRule:
    """A rule of one device: all conditions must be met."""

    conditions: tuple[tuple[str, str], ...]
    has: tuple[str, ...]
    lacks: tuple[str, ...]
    decision: DeviceDecision

    def matches(self, get: HeaderGetter) -> bool:
        """Return whether an object meets the conditions."""
        return (
            all(normalize_name(get(keyword)) == value for keyword, value in self.conditions)
            and all(get(keyword) for keyword in self.has)
            and not any(get(keyword) for keyword in self.lacks)
        )

    @property
    def specificity(self) -> int:
        """Number of conditions."""
        return len(self.conditions) + len(self.has) + len(self.lacks)


@dataclass(frozen=True)
class _ClassRule:
    """A rule of a class of devices: each clause must be met by one of its keywords."""

    clauses: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]
    decision: DeviceDecision

    def matches(self, get: HeaderGetter) -> bool:
        """Return whether an object meets all clauses."""
        return all(
            any(_contains(get(keyword), keyword, words) for keyword, words in clause)
            for clause in self.clauses
        )


def _contains(value: str, keyword: str, words: tuple[str, ...]) -> bool:
    """Return whether a header value contains a word, or equals a number."""
    if keyword in _NUMBERS:
        return value in words
    upper = value.upper()
    return any(word in upper for word in words)


def _read_decision(rule: Mapping[str, Any], name: str) -> DeviceDecision:
    """Return the decision of a rule of the catalog file."""
    action, boxes = rule.get("do"), rule.get("boxes", [])
    if action not in _ACTIONS:
        raise CatalogError(f"rule {name}: 'do' must be one of {', '.join(_ACTIONS)}")
    if not all(len(b) == 4 and min(b) >= 0 and b[2] and b[3] for b in boxes):
        raise CatalogError(f"rule {name}: a box must be [x, y, width, height]")
    if boxes and action != "scrub":
        raise CatalogError(f"rule {name}: remove 'boxes', or set 'do' to 'scrub'")
    return DeviceDecision(action, tuple(Box(*box) for box in boxes), name)


class DeviceCatalog:
    """A device catalog.

    Parameters
    ----------
    document : mapping
        ``devices`` and ``classes``; the format is described in ``devices.yaml``.

    Raises
    ------
    CatalogError
        If a rule is invalid.
    """

    def __init__(self, document: Mapping[str, Any]):
        self._devices: dict[tuple[str, str], list[_DeviceRule]] = defaultdict(list)
        for device in document.get("devices") or ():
            maker, model = str(device["manufacturer"]), str(device["model"])
            rules = self._devices[normalize_name(maker), normalize_name(model)]
            for number, rule in enumerate(device["rules"], 1):
                name = f"{maker or 'no manufacturer'} / {model or 'no model'} #{number}"
                when = rule.get("when") or {}
                rules.append(
                    _DeviceRule(
                        tuple(
                            (keyword, normalize_name(str(value))) for keyword, value in when.items()
                        ),
                        tuple(rule.get("has", ())),
                        tuple(rule.get("lacks", ())),
                        _read_decision(rule, name),
                    )
                )
            rules.sort(key=lambda rule: -rule.specificity)
        self._classes = [_read_class_rule(rule) for rule in document.get("classes") or ()]

    def match(self, get: HeaderGetter) -> DeviceDecision | None:
        """Return the decision for an object, or ``None`` if no rule matches.

        Parameters
        ----------
        get : callable
            Keyword → header value as text: values joined by a backslash, empty if missing, any
            text for a sequence with items (``FrameSource.get_text``).
        """

        @cache
        def get_value(keyword: str) -> str:
            return get(keyword).strip()

        key = (
            normalize_name(get_value("Manufacturer")),
            normalize_name(get_value("ManufacturerModelName")),
        )
        for rule in self._devices.get(key, ()):
            if rule.matches(get_value):
                return rule.decision
        return _join_decisions([rule.decision for rule in self._classes if rule.matches(get_value)])


def _read_class_rule(rule: Mapping[str, Any]) -> _ClassRule:
    """Return a rule of the section ``classes`` of the catalog file."""
    name = str(rule["name"])
    clauses = tuple(
        tuple(
            (keyword, tuple(str(word).upper() for word in _to_list(words)))
            for keyword, words in clause.items()
        )
        for clause in rule["all"]
    )
    if not clauses or not all(clauses):
        raise CatalogError(f"rule {name}: 'all' must be a list of clauses of keyword: words")
    return _ClassRule(clauses, _read_decision(rule, name))


def _to_list(value: Any) -> Sequence[Any]:
    """Return a value that may be one or a list of several as a list."""
    return value if isinstance(value, list) else [value]


def _join_decisions(decisions: Sequence[DeviceDecision]) -> DeviceDecision | None:
    """Return the strictest action of some decisions, with all boxes; ``None`` for no decision."""
    if not decisions:
        return None
    action = max((d.action for d in decisions), key=_ACTIONS.index)
    boxes = dict.fromkeys(box for decision in decisions for box in decision.boxes)
    names = dict.fromkeys(decision.rule for decision in decisions)
    return DeviceDecision(action, tuple(boxes), " + ".join(names), exact=False)


@lru_cache(maxsize=1)
def load_shipped_catalog() -> DeviceCatalog:
    """Return the catalog of the library."""
    content = files("safelight.pixels.devices").joinpath("devices.yaml").read_text("utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return DeviceCatalog(yaml.load(content, Loader=loader))


def match_device(get: HeaderGetter, catalog: DeviceCatalog | None = None) -> DeviceDecision | None:
    """Return the decision of a catalog, by default that of the library.

    See :meth:`DeviceCatalog.match`.

    Parameters
    ----------
    get : callable
        Keyword → header value as text, for example ``FrameSource.get_text``.
    catalog : DeviceCatalog, optional
        Rules to match; by default the catalog of the library.

    Returns
    -------
    DeviceDecision or None
        ``None`` if no rule matches.
    """
    return (catalog or load_shipped_catalog()).match(get)


def outside_boxes(holes: Sequence[Box], rows: int, columns: int) -> tuple[Box, ...]:
    """Return boxes that cover a frame except some holes.

    The frame is cut into bands at the upper and lower edges of the holes, and each band
    between the holes, so the boxes do not overlap. Without holes, one box covers the frame.

    Parameters
    ----------
    holes : sequence of Box
    rows, columns : int
        Size of the frame in pixels.
    """
    edges = {0, rows}
    for hole in holes:
        edges |= {min(rows, max(0, hole.top)), min(rows, max(0, hole.bottom))}
    borders = sorted(edges)
    boxes: list[Box] = []
    for top, bottom in zip(borders, borders[1:]):
        at = 0
        spans = sorted(
            (hole.left, hole.right) for hole in holes if hole.top <= top and bottom <= hole.bottom
        )
        for begin, end in [*spans, (columns, columns)]:
            if begin > at:
                boxes.append(Box(at, top, min(begin, columns) - at, bottom - top))
            at = max(at, end)
    return tuple(box for box in boxes if box.width > 0)
