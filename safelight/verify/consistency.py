"""Check that pseudonyms and date shifts agree within an object and between objects.

UIDs must map one to one, and all dates of a patient must be shifted by the same number of days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from safelight.verify.defects import Check, Defect, ValueHasher
from safelight.verify.deidentification_labels import FULL_DATES, MODIFIED_DATES, RETAIN_UIDS
from safelight.verify.dicom_object import DicomObject
from safelight.verify.elements import BYTE_VRS, LeafElement
from safelight.verify.expectation import NO_RULES, Expectation
from safelight.verify.identifiers import is_public_uid
from safelight.verify.original_values import collect_birth_dates, iterate_dates
from safelight.verify.profile_attributes import load_profile_attributes


@dataclass(frozen=True)
class ConsistencyLink:
    """Relation between an original and its replacement in one object. It holds hashes, no PHI.

    Links of one kind that have the same ``left`` must have the same ``right``.

    Attributes
    ----------
    kind : str
        ``uid`` (original UID to new UID), ``uid_back`` (new UID to original UID) or ``shift``
        (patient to number of days).
    left, right : str
    location : str
        Location in the output.
    output_uri : str
        URI of the output, if the caller knows it.
    """

    kind: str
    left: str
    right: str
    location: str
    output_uri: str = ""


#: Check and detail of the defect if two links of a kind contradict each other.
CONTRADICTION_CHECKS = {
    "uid": (Check.UID_LINK, "the same original has another UID elsewhere"),
    "uid_back": (Check.UID_LINK, "the same UID replaces another original elsewhere"),
    "shift": (
        Check.DATE_INTERVAL,
        "is shifted by another number of days than other dates of the patient",
    ),
}


def _pair_uids(original: DicomObject, output: DicomObject) -> Iterator[tuple[str, str, str]]:
    """Yield location, original UID and new UID of elements with the same pairing path."""
    output_elements = output.group_by_pairing_path()
    for element in original.elements:
        if element.vr != "UI":
            continue
        for counterpart in output_elements.get(element.pairing_path, ()):
            yield from _pair_values(element, counterpart)


def _pair_values(element: LeafElement, counterpart: LeafElement) -> Iterator[tuple[str, str, str]]:
    """Yield location, original UID and new UID of the values of two elements."""
    originals = [text.strip("\0 ") for text in element.texts]
    replacements = [text.strip("\0 ") for text in counterpart.texts]
    if len(originals) != len(replacements):
        return
    for old, new in zip(originals, replacements, strict=True):
        if old and new and not is_public_uid(old, element.keyword):
            yield counterpart.location, old, new


class DateShift(NamedTuple):
    """Days from an original date to its replacement.

    Attributes
    ----------
    days : int
    is_reduced : bool
        Whether the new date may be one that rules have reduced to a month, a quarter or a year
        after the shift, which changes the number of days.
    """

    days: int
    is_reduced: bool


def measure_shifts(original: DicomObject, output: DicomObject) -> dict[str, set[DateShift]]:
    """Return the shifts from original to output dates, by pairing path.

    Elements whose number of dates differs, such as dummies, are left out.

    Parameters
    ----------
    original, output : DicomObject
    """
    pairs = list(_pair_dates(original, output))
    exact = {(new - old).days for _, old, new in pairs if new.day != 1}
    found: dict[str, set[DateShift]] = {}
    for path, old, new in pairs:
        shift = DateShift((new - old).days, _is_reduced(old, new, exact))
        found.setdefault(path, set()).add(shift)
    return found


def _pair_dates(original: DicomObject, output: DicomObject) -> Iterator[tuple[str, date, date]]:
    """Yield pairing path, original date and new date of dates that both exist."""
    birth_dates = collect_birth_dates(original.elements)
    new_dates = _group_dates(output, birth_dates)
    for path, old_dates in _group_dates(original, birth_dates).items():
        if len(old_dates) != len(new_dates.get(path, ())):
            continue
        for old, new in zip(old_dates, new_dates[path], strict=True):
            try:
                yield path, _parse_date(old), _parse_date(new)
            except ValueError:
                continue


def _is_reduced(old: date, new: date, exact: set[int]) -> bool:
    """Return whether a date may be a shifted date reduced to its month, quarter or year.

    Parameters
    ----------
    old, new : date
    exact : set of int
        Days by which other dates of the object are shifted. Without any, all may be reduced.
    """
    if new.day != 1 or (new - old).days in exact:
        return False
    for days in exact:
        try:
            shifted = old + timedelta(days=days)
        except OverflowError:
            continue
        quarter = 3 * ((shifted.month - 1) // 3) + 1
        if (new.year, new.month) in {(shifted.year, m) for m in (shifted.month, quarter, 1)}:
            return True
    return not exact


def _group_dates(dicom_object: DicomObject, birth_dates: frozenset[str]) -> dict[str, list[str]]:
    """Return the full dates (``YYYYMMDD``) by pairing path."""
    groups: dict[str, list[str]] = {}
    for path, text in iterate_dates(dicom_object.elements, birth_dates):
        groups.setdefault(path, []).append(text)
    return groups


def _parse_date(text: str) -> date:
    """Return the date of ``YYYYMMDD``; raise ValueError if there is no such date."""
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def collect_links(
    original: DicomObject, output: DicomObject, codes: frozenset[str], hasher: ValueHasher
) -> Iterator[ConsistencyLink]:
    """Yield the links of one object, for a comparison with all objects of a run.

    Parameters
    ----------
    original, output : DicomObject
    codes : frozenset of str
        CID 7050 codes in force.
    hasher : ValueHasher
        Must have a key, because without one all hashes are equal.
    """
    if RETAIN_UIDS not in codes:
        for location, old, new in _pair_uids(original, output):
            old_hash, new_hash = hasher(old), hasher(new)
            yield ConsistencyLink("uid", old_hash, new_hash, location)
            yield ConsistencyLink("uid_back", new_hash, old_hash, location)
    if MODIFIED_DATES in codes:
        patient = hasher(output.get_text("(0010,0020)"))
        for location, found in measure_shifts(original, output).items():
            for days in sorted({s.days for s in found if s.days and not s.is_reduced}):
                yield ConsistencyLink("shift", patient, str(days), location)


def find_contradictions(links: Iterable[ConsistencyLink]) -> Iterator[Defect]:
    """Yield a defect for each link that contradicts an earlier one."""
    first: dict[tuple[str, str], str] = {}
    for link in links:
        if first.setdefault((link.kind, link.left), link.right) != link.right:
            check, detail = CONTRADICTION_CHECKS[link.kind]
            yield Defect(check, link.location, detail, 0, link.right)


def check_date_shifts(
    original: DicomObject,
    output: DicomObject,
    codes: frozenset[str],
    expectation: Expectation = NO_RULES,
) -> Iterator[Defect]:
    """Yield dates that are unchanged despite modified dates, or changed despite full dates.

    Parameters
    ----------
    original, output : DicomObject
    codes : frozenset of str
        CID 7050 codes in force.
    expectation : Expectation
        Dates that the rules retain may be unchanged.
    """
    retained = {e.pairing_path for e in original.elements if expectation.retains_date(e)}
    for location, found in measure_shifts(original, output).items():
        if location in retained:
            continue
        if MODIFIED_DATES in codes and any(shift.days == 0 for shift in found):
            yield Defect(Check.DATE_INTERVAL, location, "is unchanged from the original")
        elif MODIFIED_DATES in codes and any(map(_keeps_month_and_day, found)):
            detail = "is shifted by whole years, so that texts may still show month and day"
            yield Defect(Check.DATE_INTERVAL, location, detail)
        elif FULL_DATES in codes and any(shift.days for shift in found):
            yield Defect(Check.DATE_INTERVAL, location, "is not the date of the original")
    if MODIFIED_DATES in codes:
        yield from _check_encoded_times(original, output)


def _check_encoded_times(original: DicomObject, output: DicomObject) -> Iterator[Defect]:
    """Yield the times in bytes, such as Certified Timestamp, that are those of the original."""
    output_elements = output.group_by_pairing_path()
    for element in original.elements:
        row = load_profile_attributes().get(element.tag)
        is_time = row is not None and row.granted_by == {FULL_DATES, MODIFIED_DATES}
        if not is_time or element.vr not in BYTE_VRS or not element.value_bytes.strip(b"\0"):
            continue
        for counterpart in output_elements.get(element.pairing_path, ()):
            if counterpart.value_bytes == element.value_bytes:
                detail = "is unchanged from the original"
                yield Defect(Check.DATE_INTERVAL, counterpart.location, detail)


def _keeps_month_and_day(shift: DateShift) -> bool:
    """Return whether a shift is a number of years of 365 days or of calendar years."""
    if shift.is_reduced:
        return False
    days = shift.days
    years = round(abs(days) / 365.25)
    return years > 0 and abs(days) in (365 * years, round(365.25 * years))
