"""Entries of ``pixels.regions``: regions of frames that a rule set masks or keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from safelight.rules.conditions import Condition

#: Left, top, width and height in pixels.
BoxNumbers = tuple[int, int, int, int]
RegionAction = Literal["mask", "keep"]
#: Value of ``keep`` that names the regions of Sequence of Ultrasound Regions (0018,6011).
ULTRASOUND_REGIONS = "ultrasound_regions"


@dataclass(frozen=True)
class DeviceName:
    """Names of devices, which are compared without regard to case and punctuation.

    Attributes
    ----------
    manufacturers, models : tuple of str
        Alternatives for Manufacturer (0008,0070) and Manufacturer's Model Name (0008,1090);
        none for any.
    """

    manufacturers: tuple[str, ...] = ()
    models: tuple[str, ...] = ()


@dataclass(frozen=True)
class RegionEntry:
    """One entry of ``pixels.regions``.

    It is applied to an object that its device and its condition match. All entries that match are
    applied, in addition to the device catalog.

    Attributes
    ----------
    action : str
        ``mask`` masks the boxes, ``keep`` masks everything outside them.
    boxes : tuple of tuple of int
        Left, top, width and height in pixels; none to keep the ultrasound regions.
    device : DeviceName
    condition : Comparison, Combination or None
    source : str
        Name of the rule set and index of the entry: ``NAME pixels.regions[I]``.
    """

    action: RegionAction
    boxes: tuple[BoxNumbers, ...]
    device: DeviceName
    condition: Condition | None
    source: str
