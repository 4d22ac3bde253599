"""Plan of one object: what a run with a rule set does to it, without any value."""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from safelight.deidentifier import Deidentifier
from safelight.dicom.parser import ParsedObject, parse
from safelight.headers.object_plan import PlannedElement, plan_object
from safelight.headers.private_writer import KNOWN_CREATOR
from safelight.pixels.devices.region_entries import select_region_entries
from safelight.records import Refusal, Result, Span, Status
from safelight.rules import Operation, RuleSet
from safelight.rules.lookups import LookupRows

#: Engine of findings that are known values of the patient.
_KNOWN_ENGINE = "known"


@dataclass(frozen=True)
class ObjectForecast:
    """Planned and found effect of a rule set on one object. It holds no value of the object.

    Attributes
    ----------
    result : Result
        Result of the object in a run with a random key and without a text model. Its new object
        and its mappings are left out.
    filter_number : int or None
        Index of the filter that matches; None if no filter does.
    text_count : int
        Number of distinct texts that the text model of a run reads.
    pixels_read : bool
        Whether the rules and the caller have pixels read.
    elements : tuple of PlannedElement
        Operation of the rules on each element.
    region_numbers : tuple of int
        Indexes of the entries of ``pixels.regions`` that the object matches.
    """

    result: Result
    filter_number: int | None
    text_count: int
    pixels_read: bool
    elements: tuple[PlannedElement, ...]
    region_numbers: tuple[int, ...] = ()

    def list_lines(self, rules: RuleSet) -> Iterator[str]:
        """Yield the forecast as lines of text.

        Parameters
        ----------
        rules : RuleSet
            The rules of the forecast.
        """
        yield self._describe_result()
        yield self._describe_filter(rules)
        yield self._describe_pixels()
        yield from self._describe_regions(rules)
        yield self._describe_text(rules)
        yield self._describe_known_values()
        yield "Elements: location, VR, operation, what was done, attribute | source of the rule"
        done = self._group_actions()
        width = max((len(one.location) for one in self.elements), default=0)
        for one in self.elements:
            found = done.pop(one.location, "unchanged" if self._is_written else "-")
            yield (
                f"{one.location:{width}} {one.vr} {one.operation:18} {found:12} {one.name} | "
                f"{one.source}"
            )
        yield from self._list_other_elements(done, width)

    def _list_other_elements(self, done: Mapping[str, str], width: int) -> Iterator[str]:
        """Yield the lines of elements that the source does not have, and of the file itself."""
        actions = {one.location: one for one in self.result.actions}
        for location, found in done.items():
            one = actions[location]
            vr = one.vr or "--"
            yield f"{location:{width}} {vr} {'':18} {found:12} {one.keyword} | {one.rule}"

    @property
    def _is_written(self) -> bool:
        return self.result.status is Status.DEIDENTIFIED

    def _group_actions(self) -> dict[str, str]:
        """Return what was done by location."""
        done: dict[str, list[str]] = defaultdict(list)
        for action in self.result.actions:
            done[action.location].append(action.action)
        return {location: ", ".join(dict.fromkeys(texts)) for location, texts in done.items()}

    def _describe_result(self) -> str:
        result = self.result
        if self._is_written:
            return "Result: deidentified"
        return f"Result: {result.status.value} ({result.reason_code}): {result.reason}"

    def _describe_filter(self, rules: RuleSet) -> str:
        if self.filter_number is None:
            return "Filters: no filter matches; the object is accepted"
        matched = rules.filters[self.filter_number]
        return f"Filters: filters[{self.filter_number}] matches: {matched.outcome}"

    def _describe_pixels(self) -> str:
        if not self.pixels_read:
            return "Pixels: not read"
        if not self._is_written:
            return "Pixels: no result, because the object is not written"
        masked = Counter(
            one.action for one in self.result.actions if one.location.startswith("pixels")
        )
        listed = ", ".join(f"{action} ({count})" for action, count in masked.items())
        return f"Pixels: {listed or 'nothing is masked'}"

    def _describe_regions(self, rules: RuleSet) -> Iterator[str]:
        """Yield the entries of ``pixels.regions`` that the object matches."""
        entries = rules.pixels.regions
        for index in self.region_numbers:
            entry = entries[index]
            boxes = ", ".join(str(list(box)) for box in entry.boxes) or "the ultrasound regions"
            yield f"Regions: {entry.source} matches: {entry.action} {boxes}"
        if entries and not self.region_numbers:
            yield "Regions: no entry of pixels.regions matches"

    def _describe_text(self, rules: RuleSet) -> str:
        return (
            f"Text: {self.text_count} texts are read by the text model of a run, which may find "
            f"more than this plan; kept texts: {rules.text.second_guess}"
        )

    def _describe_known_values(self) -> str:
        places = Counter(
            one.location for one in self.result.findings if one.engine == _KNOWN_ENGINE
        )
        if not self._is_written:
            return "Known values of the patient: no result, because the object is not written"
        listed = ", ".join(f"{place} ({count})" for place, count in places.items())
        return f"Known values of the patient: {listed or 'none found in kept or cleaned values'}"


def forecast(
    rules: RuleSet,
    data: bytes,
    *,
    pixels: bool = True,
    lookup_rows: Mapping[str, LookupRows] | None = None,
) -> ObjectForecast:
    """Return the forecast for one object.

    The object is de-identified in memory with a random key, by the same code as in a run, and the
    new object is discarded. Texts are read by recognizers, not by a text model.

    Parameters
    ----------
    rules : RuleSet
    data : bytes
        The object.
    pixels : bool
        Whether pixels are read.
    lookup_rows : mapping of str to LookupRows, optional
        Rows of the lookup tables of the rules (default: read from local files). PHI.

    Raises
    ------
    Refusal
        If the object cannot be parsed.
    """
    parsed = parse(data)
    deidentifier = Deidentifier(
        rules,
        key=secrets.token_bytes(32),
        pixels=pixels,
        annotate=_find_nothing,
        lookup_rows=lookup_rows,
    )
    get = deidentifier.headers.make_attribute_getter(parsed)
    matched = rules.match_filter(get)
    matching = select_region_entries(rules.pixels.regions, get)
    scan = deidentifier.scan(data)
    result = deidentifier.rebuild(data, scan, deidentifier.annotate_texts(scan.texts))
    return ObjectForecast(
        _without_values(result),
        None if matched is None else rules.filters.index(matched),
        len(scan.texts),
        pixels and rules.pixels.check,
        _remove_known_creators(_plan_elements(rules, parsed), result),
        tuple(rules.pixels.regions.index(entry) for entry in matching),
    )


def _plan_elements(rules: RuleSet, parsed: ParsedObject) -> tuple[PlannedElement, ...]:
    """Return the operations on all elements; none of an object that a run cannot read."""
    try:
        return tuple(plan_object(rules, parsed))
    except Refusal:
        return ()


def _remove_known_creators(
    elements: Sequence[PlannedElement], result: Result
) -> tuple[PlannedElement, ...]:
    """Return the planned elements with the removals that depend on the name of a creator.

    The rules alone do not determine them: the creator names the patient.
    """
    removed = {one.location for one in result.actions if one.rule == KNOWN_CREATOR}
    planned = []
    for one in elements:
        if one.location in removed:
            planned.append(replace(one, operation=Operation.REMOVE.name, source=KNOWN_CREATOR))
        elif not any(one.location.startswith(f"{location}[") for location in removed):
            planned.append(one)
    return tuple(planned)


def _without_values(result: Result) -> Result:
    """Return a result without the new object and the original values."""
    return replace(result, data=None, mappings=(), catalog={})


def _find_nothing(texts: Sequence[str]) -> list[list[Span]]:
    """Return no spans, as a text model that finds nothing."""
    return [[] for _ in texts]
