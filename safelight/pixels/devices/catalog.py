"""What is known of devices: which burn nothing in, which do and where, which cannot be trusted.

One catalog, ``devices.yaml``, with two kinds of rules. Those of a device are found by its
manufacturer and model and decide alone. Those of a class of devices name words that header
values contain; the boxes of all that match are joined.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from safelight.pixels.dicom.image_module import UltrasoundRegion
from safelight.pixels.geometry import Box

Action = Literal["allow", "scrub", "keep_regions", "deny"]
HeaderGetter = Callable[[str], str]

_ACTIONS = ("allow", "scrub", "keep_regions", "deny")
_NUMBERS = ("Rows", "Columns", "WindowWidth")


@dataclass(frozen=True)
class DeviceDecision:
    """What to do with an object because of the device that made it.

    Attributes
    ----------
    action : str
        ``allow`` (nothing is burned in as far as is known), ``scrub`` (text is burned in; hide
        ``boxes``, none if it has no fixed place), ``keep_regions`` (hide all but the ultrasound
        regions) or ``deny``.
    boxes : tuple of Box
        May reach over the frame's edge.
    rule : str
        Name of the rule. No PHI.
    exact : bool
        Whether the device itself is known, and not only a class that it belongs to.
    """

    action: Action
    boxes: tuple[Box, ...]
    rule: str
    exact: bool = True


class CatalogError(ValueError):
    """A rule of a catalog that cannot be understood; says which and what is expected."""


def normalize_name(value: str) -> str:
    """A header value as rules compare it: capitals, other characters as one space."""
    return re.sub(r"[^A-Z0-9]+", " ", value.upper()).strip()


@dataclass(frozen=True)
class _DeviceRule:
    conditions: tuple[tuple[str, str], ...]
    has: tuple[str, ...]
    lacks: tuple[str, ...]
    decision: DeviceDecision

    def matches(self, get: HeaderGetter) -> bool:
        return (
            all(normalize_name(get(keyword)) == value for keyword, value in self.conditions)
            and all(get(keyword) for keyword in self.has)
            and not any(get(keyword) for keyword in self.lacks)
        )

    @property
    def narrowness(self) -> int:
        return len(self.conditions) + len(self.has) + len(self.lacks)


@dataclass(frozen=True)
class _ClassRule:
    clauses: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]
    decision: DeviceDecision

    def matches(self, get: HeaderGetter) -> bool:
        return all(
            any(_contains(get(keyword), keyword, words) for keyword, words in clause)
            for clause in self.clauses
        )


def _contains(value: str, keyword: str, words: tuple[str, ...]) -> bool:
    if keyword in _NUMBERS:
        return value in words
    upper = value.upper()
    return any(word in upper for word in words)


def _decision(rule: Mapping[str, Any], name: str) -> DeviceDecision:
    action, boxes = rule.get("do"), rule.get("boxes", [])
    if action not in _ACTIONS:
        raise CatalogError(f"{name}: 'do' must be one of {', '.join(_ACTIONS)}")
    if not all(len(b) == 4 and min(b) >= 0 and b[2] and b[3] for b in boxes):
        raise CatalogError(f"{name}: a box is [x, y, width, height]")
    if boxes and action != "scrub":
        raise CatalogError(f"{name}: 'boxes' belong to 'scrub'")
    return DeviceDecision(action, tuple(Box(*box) for box in boxes), name)


class DeviceCatalog:
    """A device catalog, ready to be asked.

    Parameters
    ----------
    document : mapping
        ``devices`` and ``classes``, as ``devices.yaml`` explains.

    Raises
    ------
    CatalogError
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
                        _decision(rule, name),
                    )
                )
            rules.sort(key=lambda rule: -rule.narrowness)
        self._classes = [_class_rule(rule) for rule in document.get("classes") or ()]

    def match(self, get: HeaderGetter) -> DeviceDecision | None:
        """The decision for an object.

        Parameters
        ----------
        get : callable
            Keyword → header value as text: several values joined by a backslash, empty if
            missing, anything for a sequence with items (``FrameSource.text``).
        """
        seen: dict[str, str] = {}

        def look(keyword: str) -> str:
            if keyword not in seen:
                seen[keyword] = get(keyword).strip()
            return seen[keyword]

        key = normalize_name(look("Manufacturer")), normalize_name(look("ManufacturerModelName"))
        for rule in self._devices.get(key, ()):
            if rule.matches(look):
                return rule.decision
        return _joined([rule.decision for rule in self._classes if rule.matches(look)])


def _class_rule(rule: Mapping[str, Any]) -> _ClassRule:
    name = str(rule["name"])
    clauses = tuple(
        tuple(
            (keyword, tuple(str(word).upper() for word in _listed(words)))
            for keyword, words in clause.items()
        )
        for clause in rule["all"]
    )
    if not clauses or not all(clauses):
        raise CatalogError(f"{name}: 'all' needs clauses of keyword: words")
    return _ClassRule(clauses, _decision(rule, name))


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _joined(decisions: Sequence[DeviceDecision]) -> DeviceDecision | None:
    """The strictest action of all, with the boxes of all."""
    if not decisions:
        return None
    action = max((d.action for d in decisions), key=_ACTIONS.index)
    boxes = dict.fromkeys(box for decision in decisions for box in decision.boxes)
    names = dict.fromkeys(decision.rule for decision in decisions)
    return DeviceDecision(action, tuple(boxes), " + ".join(names), exact=False)


@lru_cache(maxsize=1)
def load_shipped_catalog() -> DeviceCatalog:
    """The catalog that comes with the library."""
    content = files("safelight.pixels.devices").joinpath("devices.yaml").read_text("utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return DeviceCatalog(yaml.load(content, Loader=loader))


def match_device(get: HeaderGetter, catalog: DeviceCatalog | None = None) -> DeviceDecision | None:
    """Ask a catalog, by default the shipped one; see :meth:`Catalog.match`."""
    return (catalog or load_shipped_catalog()).match(get)


def outside_regions(
    regions: Iterable[UltrasoundRegion], rows: int, columns: int
) -> tuple[Box, ...]:
    """The boxes that cover a frame except its ultrasound regions.

    The frame is cut into bands at the regions' edges and each band between them, so boxes do
    not overlap. Without regions that is the whole frame.
    """
    holes = [region.box for region in regions]
    edges = {0, rows}
    for _, y, _, h in holes:
        edges |= {min(rows, max(0, y)), min(rows, max(0, y + h))}
    borders = sorted(edges)
    boxes: list[Box] = []
    for top, bottom in zip(borders, borders[1:]):
        at = 0
        spans = sorted((x, x + w) for x, y, w, h in holes if y <= top and bottom <= y + h)
        for begin, end in [*spans, (columns, columns)]:
            if begin > at:
                boxes.append(Box(at, top, min(begin, columns) - at, bottom - top))
            at = max(at, end)
    return tuple(box for box in boxes if box.width > 0)
