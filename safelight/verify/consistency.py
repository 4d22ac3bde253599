"""What must hold between objects: UIDs map one to one, and a patient's dates move together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from safelight.verify.defects import Check, Defect, ValueHasher
from safelight.verify.deidentification_labels import FULL_DATES, MODIFIED_DATES
from safelight.verify.dicom_object import DicomObject
from safelight.verify.identifiers import is_public_uid
from safelight.verify.object_structure import RETAIN_UIDS
from safelight.verify.original_values import iterate_dates


def pair_uids(original: DicomObject, output: DicomObject) -> Iterator[tuple[str, str, str]]:
    """UIDs at the same place: location, original, new one."""
    after = output.by_pair()
    for node in original.nodes:
        if node.vr != "UI":
            continue
        for twin in after.get(node.pair, ()):
            old = [text.strip("\0 ") for text in node.texts]
            new = [text.strip("\0 ") for text in twin.texts]
            if len(old) == len(new):
                for before, now in zip(old, new, strict=True):
                    if before and now and not is_public_uid(before, node.keyword):
                        yield twin.location, before, now


def measure_shifts(original: DicomObject, output: DicomObject) -> dict[str, set[int]]:
    """Days between original and output of each date, by location; dummies are left out."""
    after: dict[str, list[str]] = {}
    for pair, text in iterate_dates(output.nodes):
        after.setdefault(pair, []).append(text)
    before: dict[str, list[str]] = {}
    for pair, text in iterate_dates(original.nodes):
        before.setdefault(pair, []).append(text)
    found: dict[str, set[int]] = {}
    for pair, old in before.items():
        new = after.get(pair, [])
        if len(old) == len(new):
            for a, b in zip(old, new, strict=True):
                days = _days(a, b)
                if days is not None:
                    found.setdefault(pair, set()).add(days)
    return found


def _days(a: str, b: str) -> int | None:
    try:
        first, second = (date(int(t[:4]), int(t[4:6]), int(t[6:])) for t in (a, b))
    except ValueError:
        return None
    return (second - first).days


@dataclass(frozen=True)
class ConsistencyLink:
    """One thing that an object says of how originals became pseudonyms. Hashes only, no PHI.

    Of all links of one kind, equal ``left`` must come with equal ``right``.

    Attributes
    ----------
    kind : str
        ``uid``: original → new; ``uid_back``: new → original; ``shift``: patient → days.
    left, right : str
    location : str
        Where it was read.
    """

    kind: str
    left: str
    right: str
    location: str


#: What is wrong when two links of a kind disagree.
CONTRADICTION_CHECKS = {
    "uid": (Check.UID_LINK, "another UID stands for the same original elsewhere"),
    "uid_back": (Check.UID_LINK, "the same UID stands for another original elsewhere"),
    "shift": (Check.DATE_INTERVAL, "is moved by other days than the patient's other dates"),
}


def collect_links(
    original: DicomObject, output: DicomObject, codes: frozenset[str], hasher: ValueHasher
) -> Iterator[ConsistencyLink]:
    """The links of one object, to be compared with those of all objects of a run.

    Parameters
    ----------
    original, output : DicomObject
    codes : frozenset of str
        CID 7050 codes in force.
    hasher : ValueHasher
        With a key: without one all hashes would be alike.
    """
    if RETAIN_UIDS not in codes:
        for location, old, new in pair_uids(original, output):
            before, now = hasher(old), hasher(new)
            yield ConsistencyLink("uid", before, now, location)
            yield ConsistencyLink("uid_back", now, before, location)
    if MODIFIED_DATES in codes:
        patient = hasher(output.text("(0010,0020)"))
        for location, found in measure_shifts(original, output).items():
            for days in sorted(found - {0}):
                yield ConsistencyLink("shift", patient, str(days), location)


def find_contradictions(links: Iterable[ConsistencyLink]) -> Iterator[Defect]:
    """Links that contradict one before them."""
    first: dict[tuple[str, str], str] = {}
    for link in links:
        if first.setdefault((link.kind, link.left), link.right) != link.right:
            check, detail = CONTRADICTION_CHECKS[link.kind]
            yield Defect(check, link.location, detail, 0, link.right)


def check_date_shifts(
    original: DicomObject, output: DicomObject, codes: frozenset[str]
) -> Iterator[Defect]:
    """Dates are moved where the object says so, and left where it says so."""
    for location, found in measure_shifts(original, output).items():
        if MODIFIED_DATES in codes and 0 in found:
            yield Defect(Check.DATE_INTERVAL, location, "is the date it was")
        elif FULL_DATES in codes and found != {0}:
            yield Defect(Check.DATE_INTERVAL, location, "is not the date it was")


def check_date_leaks(
    original: DicomObject, output: DicomObject, hasher: ValueHasher
) -> Iterator[Defect]:
    """Original dates that stand in the output's texts and bytes.

    A moved date may by chance equal another original date. So a date counts only if no
    original date moved by the patient's shift explains it.
    """
    old = {text for _, text in iterate_dates(original.nodes)}
    moved = {days for found in measure_shifts(original, output).values() for days in found}
    explained = {
        shifted.strftime("%Y%m%d")
        for text in old
        for days in moved
        if days and (shifted := _moved(text, days)) is not None
    }
    forms = {form: text for text in old - explained for form in _forms(text)}
    for node in output.nodes:
        if node.vr in ("DA", "DT", "UI", "DS", "IS", "SQ"):
            continue
        for text in node.texts:
            for form, value in forms.items():
                if form in text:
                    yield Defect(
                        Check.LEAK, node.location, "holds a date of the original",
                        len(form), hasher(value),
                    )  # fmt: skip


def _moved(text: str, days: int) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None


def _forms(text: str) -> Iterator[str]:
    year, month, day = text[:4], text[4:6], text[6:]
    yield text
    for joint in "-/.":
        yield joint.join((year, month, day))
        yield joint.join((month, day, year))
        yield joint.join((day, month, year))
