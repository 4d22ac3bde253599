"""Convert the sections ``%filter`` of pydicom/deid recipes into filters of objects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pydicom.datadict import tag_for_keyword

from safelight.rules.importers.condition_nodes import ALWAYS, negate
from safelight.rules.importers.models import ConditionNode
from safelight.rules.importers.rules_file_builder import RulesFileBuilder
from safelight.rules.linear_patterns import find_pattern_defect

_MAX_FRAME_PIXELS = 65_535
_WHOLE_FRAME = [0, 0, _MAX_FRAME_PIXELS, _MAX_FRAME_PIXELS]
_COORDINATES = ("coordinates", "ctpcoordinates", "keepcoordinates", "ctpkeepcoordinates")
_WITH_VALUE = ("contains", "notcontains", "equals", "notequals")
_WITHOUT_VALUE = ("missing", "empty", "present")
_OPERATORS = {"+": "all", "||": "any"}
_TAG = re.compile(r"\(?(?:0x)?([0-9A-Fa-f]{4}),?([0-9A-Fa-f]{4})\)?")
_CRITERION = re.compile(r"\s*(\w+)\s+(\S+)\s*(.*)", re.DOTALL)
_SPLIT = re.compile(
    rf"\s*(\|\||\+)\s*(?=(?:{'|'.join((*_WITH_VALUE, *_WITHOUT_VALUE))})\s)", re.IGNORECASE
)


@dataclass
class FilterSection:
    """Section ``%filter`` of a recipe.

    Attributes
    ----------
    name : str
        ``whitelist``, ``graylist``, ``blacklist`` or another name, in lower case.
    number : int
        Line of the section.
    lines : list of (int, str)
        Lines with their numbers.
    """

    name: str
    number: int
    lines: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class _Label:
    """Group of criteria with a name.

    Attributes
    ----------
    number : int
    name : str
    criteria : list of (str, mapping)
        Operator (``all`` or ``any``) that connects a criterion with those above, and criterion.
    coordinates : list of (str, str)
        Action and box.
    defect : str
        Criterion that has no counterpart; empty for none.
    """

    number: int
    name: str
    criteria: list[tuple[str, ConditionNode]] = field(default_factory=list)
    coordinates: list[tuple[str, str]] = field(default_factory=list)
    defect: str = ""


def add_filters(sections: list[FilterSection], builder: RulesFileBuilder) -> None:
    """Add a filter for each label: quarantine for objects that deid reports.

    Parameters
    ----------
    sections : list of FilterSection
    builder : RulesFileBuilder
        Receives filters and remarks.
    """
    for section in sections:
        for label in _read_labels(section):
            _add_label(section, label, builder)


def _read_labels(section: FilterSection) -> list[_Label]:
    """Return the labels of a section."""
    labels: list[_Label] = []
    for number, line in section.lines:
        text = line.strip()
        word = text.split(None, 1)[0].lower()
        if word == "label":
            labels.append(_Label(number, text[5:].split("#", 1)[0].strip()))
        elif not labels:
            continue
        elif word in _COORDINATES:
            coordinates = text.split("#", 1)[0][len(word) :].strip()
            labels[-1].coordinates.append((word, coordinates))
        else:
            _add_criteria(text, labels[-1])
    return labels


def _add_criteria(text: str, label: _Label) -> None:
    """Add the criteria of one line, which ``+`` and ``||`` may connect."""
    start = re.match(r"\|\||\+|", text)
    leading = start[0] if start else ""
    pieces = _SPLIT.split(text[len(leading) :])
    own: list[tuple[str, ConditionNode]] = []
    first_operator = _OPERATORS.get(leading, "all")
    for index in range(0, len(pieces), 2):
        match = _CRITERION.fullmatch(pieces[index])
        node = _convert_criterion(match[1].lower(), match[2], match[3]) if match else None
        if match is None or node is None:
            label.defect = label.defect or text.split(None, 1)[0]
            return
        if index == 0:
            own.append(("all", node))
        else:
            own.append((_OPERATORS[pieces[index - 1]], node))
    label.criteria.append((first_operator, _combine(own)))


def _combine(criteria: list[tuple[str, ConditionNode]]) -> ConditionNode:
    """Return the condition for criteria that are connected from the left to the right."""
    combined = criteria[0][1]
    for operator, node in criteria[1:]:
        combined = {operator: [combined, node]}
    return combined


def _convert_criterion(name: str, element: str, value: str) -> ConditionNode | None:
    """Return the condition for one criterion; None if there is no counterpart."""
    if name not in (*_WITH_VALUE, *_WITHOUT_VALUE):
        return None
    reference = _find_reference(element)
    is_negated = name.startswith("not")
    if reference is None:  # an object never has the element
        return ALWAYS if name == "missing" or is_negated else negate(ALWAYS)
    if name in _WITHOUT_VALUE:
        exists: ConditionNode = {reference: {"exists": True}}
        if name == "empty":
            return {reference: {"exists": True, "missing": True}}
        return exists if name == "present" else negate(exists)
    pattern = value.strip()
    if not pattern:
        return None
    if name.endswith("contains"):
        if find_pattern_defect(pattern):
            return None
        test: ConditionNode = {reference: {"matches": pattern}}
    else:
        test = {reference: {"equals": pattern}}
    return negate(test) if is_negated else test


def _find_reference(element: str) -> str | None:
    """Return the reference to the element of a criterion; None for an unknown keyword.

    Filters name elements by keyword, with regard to case, or by tag: ``0x00280010``.
    """
    if match := _TAG.fullmatch(element):
        return f"({match[1]},{match[2]})"
    return element if tag_for_keyword(element) is not None else None


def _add_label(section: FilterSection, label: _Label, builder: RulesFileBuilder) -> None:
    """Add the filter for one label."""
    is_whitelist = section.name == "whitelist"
    if is_whitelist:
        builder.add_remark(
            label.number,
            f"LABEL {label.name}: clean pixels are not assumed; the pixel stage decides",
            is_downgrade=False,
        )
        return
    if label.coordinates:
        _add_regions(label, builder)
        return
    if label.defect:
        builder.add_remark(
            label.number, f"LABEL {label.name}: the criterion {label.defect} has no counterpart; "
            "all objects are quarantined, unless the label is corrected below",
        )  # fmt: skip
        builder.add_filter(label.number, "quarantine", ALWAYS, label.name or "label")
        return
    if label.criteria:
        builder.add_filter(
            label.number, "quarantine", _combine(label.criteria), label.name or section.name
        )


def _add_regions(label: _Label, builder: RulesFileBuilder) -> None:
    """Add the boxes of one label."""
    if label.defect:
        builder.add_remark(
            label.number,
            f"LABEL {label.name}: the criterion {label.defect} has no counterpart; the boxes are "
            "left out, and the pixel stage reads all pixels",
        )
        return
    when = _combine(label.criteria) if label.criteria else ALWAYS
    masked: list[list[int]] = []
    kept: list[list[int]] = []
    for action, text in label.coordinates:
        is_kept = "keep" in action
        box = _read_box(text, is_ctp=action.startswith("ctp"))
        if is_kept and masked and masked[-1] != _WHOLE_FRAME:
            builder.add_remark(
                label.number, f"LABEL {label.name}: what is masked before {action} stays masked"
            )
        elif is_kept and text.lower() == "from:sequenceofultrasoundregions":
            masked.clear()
            builder.keep_regions(label.number, when)
        elif box is None:
            builder.add_remark(
                label.number, f"LABEL {label.name}: {action} has a form without a counterpart"
            )
        elif is_kept:
            masked.clear()
            kept.append(box)
        else:
            masked.append(box)
    if kept:  # deid masks the whole frame, and then unmasks these boxes
        builder.keep_regions(label.number, when, kept)
    if masked:
        builder.add_region(label.number, when, masked)


def _read_box(text: str, *, is_ctp: bool) -> list[int] | None:
    """Return left, top, width and height of a box; None for another form.

    Parameters
    ----------
    text : str
        ``all``, or left, top, right and bottom; of CTP left, top, width and height.
    is_ctp : bool
    """
    if text.lower() == "all":
        return _WHOLE_FRAME
    numbers = text.replace(" ", "").split(",")
    if len(numbers) != 4 or not all(number.isdigit() for number in numbers):
        return None
    left, top, third, fourth = (min(int(number), _MAX_FRAME_PIXELS) for number in numbers)
    box = [left, top, third, fourth] if is_ctp else [left, top, third - left, fourth - top]
    return box if min(box[2:]) > 0 else None
