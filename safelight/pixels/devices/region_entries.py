"""Find the boxes that the entries of ``pixels.regions`` in a rules file mask."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.pixels.devices.catalog import normalize_name, outside_boxes
from safelight.pixels.dicom.image_module import PixelInfo
from safelight.pixels.geometry import Box
from safelight.records import Reason, Refusal
from safelight.rules.conditions import AttributeGetter
from safelight.rules.pixel_regions import RegionEntry


def select_region_entries(
    entries: Sequence[RegionEntry], get: AttributeGetter
) -> tuple[RegionEntry, ...]:
    """Return the entries that an object matches.

    Parameters
    ----------
    entries : sequence of RegionEntry
    get : callable
        Returns the text of an element of the object; see ``AttributeGetter``.
    """
    return tuple(
        entry
        for entry in entries
        if _has_name(get, "Manufacturer", entry.device.manufacturers)
        and _has_name(get, "ManufacturerModelName", entry.device.models)
        and (entry.condition is None or entry.condition.is_met(get))
    )


def _has_name(get: AttributeGetter, keyword: str, names: tuple[str, ...]) -> bool:
    """Return whether a value equals one of some names; True for no names."""
    return not names or normalize_name(get(keyword)) in map(normalize_name, names)


def find_entry_boxes(entries: Sequence[RegionEntry], info: PixelInfo) -> tuple[Box, ...]:
    """Return the boxes that matching entries mask, without duplicates.

    Parameters
    ----------
    entries : sequence of RegionEntry
        Result of :func:`select_region_entries`.
    info : PixelInfo

    Returns
    -------
    tuple of Box
        They may extend beyond the frame.

    Raises
    ------
    Refusal
        FILTERED_BY_RULE if nothing of the frame would be kept, because the object has no
        ultrasound region or a box is outside the frame, or if the ultrasound regions extend
        beyond the frame, because they then describe a picture of another size.
    """
    found: dict[Box, None] = {}
    for entry in entries:
        boxes = [Box(*numbers) for numbers in entry.boxes]
        if entry.action == "keep":
            boxes = _find_outside(entry, boxes or _list_ultrasound_regions(entry, info), info)
        found.update(dict.fromkeys(boxes))
    return tuple(found)


def _list_ultrasound_regions(entry: RegionEntry, info: PixelInfo) -> list[Box]:
    """Return the ultrasound regions; raise Refusal if they are those of a larger picture.

    Some devices state the column and the row after the region as its last ones.
    """
    boxes = [region.box for region in info.regions]
    if any(box.right > info.columns + 1 or box.bottom > info.rows + 1 for box in boxes):
        raise Refusal(
            Reason.FILTERED_BY_RULE,
            f"{entry.source} applies, but an ultrasound region (0018,6011) extends beyond the "
            "frame; the image was resized or cut: review it, or mask boxes instead",
        )
    return boxes


def _find_outside(entry: RegionEntry, kept: Sequence[Box], info: PixelInfo) -> list[Box]:
    """Return boxes that cover the frame except the kept ones."""
    inside = [box.clip(info.rows, info.columns) for box in kept]
    inside = [box for box in inside if box.width and box.height]
    if not inside:
        region = "region to keep" if entry.boxes else "ultrasound region (0018,6011)"
        raise Refusal(
            Reason.FILTERED_BY_RULE,
            f"{entry.source} applies, but the frame has no {region}; review the object, or "
            "restrict the entry by a condition",
        )
    return list(outside_boxes(inside, info.rows, info.columns))
