"""Parse ``pixels.regions`` of a rules file."""

from __future__ import annotations

from safelight.rules.parsing.conditions import parse_condition
from safelight.rules.parsing.yaml_node import YamlNode
from safelight.rules.pixel_regions import (
    ULTRASOUND_REGIONS,
    BoxNumbers,
    DeviceName,
    RegionAction,
    RegionEntry,
)

#: Keys of an entry, and of its device.
REGION_KEYS = ("device", "when", "mask", "keep", "reason")
DEVICE_KEYS = ("manufacturer", "model")

#: Largest value of Rows and Columns.
MAX_FRAME_PIXELS = 65_535


def parse_regions(node: YamlNode, name: str) -> tuple[RegionEntry, ...]:
    """Return the entries of ``pixels.regions``.

    Parameters
    ----------
    node : YamlNode
    name : str
        Name of the rule set.
    """
    return tuple(
        _parse_entry(one, f"{name} pixels.regions[{index}]")
        for index, one in enumerate(node.as_list())
    )


def _parse_entry(node: YamlNode, source: str) -> RegionEntry:
    """Return one entry."""
    entry = node.as_mapping(REGION_KEYS)
    device, condition = entry.get("device"), entry.get("when")
    if device is None and condition is None:
        raise node.make_error("a device or a condition (when) that selects objects")
    if ("mask" in entry) == ("keep" in entry):
        raise node.make_error(
            f"either mask: [[x, y, width, height]], or keep: {ULTRASOUND_REGIONS} or boxes"
        )
    action: RegionAction = "mask" if "mask" in entry else "keep"
    if reason := entry.get("reason"):
        reason.as_text()
    return RegionEntry(
        action,
        _parse_boxes(entry.require(action), action),
        _parse_device(device) if device else DeviceName(),
        parse_condition(condition) if condition else None,
        source,
    )


def _parse_boxes(node: YamlNode, action: RegionAction) -> tuple[BoxNumbers, ...]:
    """Return the boxes; none for the ultrasound regions."""
    if action == "keep" and node.is_scalar:
        node.as_choice((ULTRASOUND_REGIONS,))
        return ()
    boxes = tuple(_parse_box(one) for one in node.as_list())
    if not boxes:
        raise node.make_error("at least one box [x, y, width, height]")
    return boxes


def _parse_box(node: YamlNode) -> BoxNumbers:
    """Return ``[x, y, width, height]``."""
    numbers = node.as_list()
    if len(numbers) != 4:
        raise node.make_error("a box [x, y, width, height] in pixels")
    left, top = (one.as_integer_between(0, MAX_FRAME_PIXELS) for one in numbers[:2])
    width, height = (one.as_integer_between(1, MAX_FRAME_PIXELS) for one in numbers[2:])
    return left, top, width, height


def _parse_device(node: YamlNode) -> DeviceName:
    """Return ``{manufacturer: …, model: …}``, each with one name or several."""
    device = node.as_mapping(DEVICE_KEYS)
    makers, models = (_parse_names(device.get(key)) for key in DEVICE_KEYS)
    if not makers and not models:
        raise node.make_error("a manufacturer, a model, or both")
    return DeviceName(makers, models)


def _parse_names(node: YamlNode | None) -> tuple[str, ...]:
    """Return alternatives, each with a letter or a digit."""
    names = node.as_list_or_single() if node else []
    for one in names:
        if not any(character.isalnum() for character in one.as_text()):
            raise one.make_error("a name with a letter or a digit")
    return tuple(one.as_text() for one in names)
