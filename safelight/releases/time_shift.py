"""Shift times of day by an amount of the patient, so that they do not link two releases."""

from __future__ import annotations

import re
from typing import Final

_DAY_MICROSECONDS: Final = 24 * 60 * 60 * 1_000_000

#: Largest shift of a time of day, in either direction. It is longer than most examinations, and
#: short enough for few times to pass midnight.
MAX_SHIFT_MICROSECONDS: Final = 2 * 60 * 60 * 1_000_000

_TIME = re.compile(
    r"(?P<hour>[01]\d|2[0-3])(?:(?P<minute>[0-5]\d)(?:(?P<second>[0-5]\d|60)"
    r"(?:\.(?P<fraction>\d{1,6}))?)?)?"
)


def shift_time(text: str, microseconds: int) -> str:
    """Shift one value of the VR TM within its day.

    Parameters
    ----------
    text : str
        ``HHMMSS.FFFFFF``, or a part of it from the left.
    microseconds : int
        Amount to add. A time that passes midnight continues at the other end of the day, because
        the date belongs to another element.

    Returns
    -------
    str
        The shifted value with the precision of ``text``; empty if ``text`` is not a time of day,
        so that the caller does not keep it.
    """
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return ""
    fraction = match["fraction"] or ""
    seconds = (int(match["hour"]) * 60 + int(match["minute"] or 0)) * 60 + int(match["second"] or 0)
    moved = (seconds * 1_000_000 + int(fraction.ljust(6, "0") or 0) + microseconds) % (
        _DAY_MICROSECONDS
    )
    seconds, rest = divmod(moved, 1_000_000)
    minutes, second = divmod(seconds, 60)
    shifted = f"{minutes // 60:02d}"
    if match["minute"]:
        shifted += f"{minutes % 60:02d}"
    if match["second"]:
        shifted += f"{second:02d}"
    return shifted + (f".{rest:06d}"[: 1 + len(fraction)] if fraction else "")


def shift_time_of_date_time(text: str, microseconds: int) -> str:
    """Shift the time of one value of the VR DT; the date and the zone stay as they are.

    Parameters
    ----------
    text : str
        ``YYYYMMDDHHMMSS.FFFFFF&ZZXX``, or a part of it.
    microseconds : int
        Amount to add, see :func:`shift_time`.

    Returns
    -------
    str
        The shifted value; only the date if the time is not valid.
    """
    match = re.fullmatch(r"(?P<date>\d{8})(?P<time>\d{2}[\d.]*)(?P<zone>[+-]\d{4})?", text.strip())
    if match is None:
        return text.strip()
    moved = shift_time(match["time"], microseconds)
    return match["date"] + moved + ((match["zone"] or "") if moved else "")
