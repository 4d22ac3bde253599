"""Make the synthetic text that a mask may show instead of the value."""

from __future__ import annotations

from safelight.pixels.models import Mask
from safelight.pseudonyms import Patient
from safelight.text.dates.shifting import shift_date_text


def make_placeholder(mask: Mask, patient: Patient | None) -> str:
    """Return the placeholder of a mask: a pseudonym, a shifted date, or the entity in brackets.

    Parameters
    ----------
    mask : Mask
    patient : Patient or None
        The patient whose pseudonym and date shift are used.

    Returns
    -------
    str
        Empty for a region of the device catalog or of the rules.
    """
    if mask.entity == "DEVICE":
        return ""
    if patient is not None and mask.entity == "DATE":
        shifted = shift_date_text(mask.text, patient.shift_days)
        if shifted:
            return shifted
    if patient is not None and mask.entity in ("NAME", "ID") and mask.engine in ("known", "key"):
        return patient.pseudonym
    return f"[{mask.entity}]"
