"""What must hold between objects: UIDs map one to one, and a patient's dates move together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from safelight.verify.document import Document
from safelight.verify.identifiers import is_public_uid
from safelight.verify.marks import FULL_DATES, MODIFIED_DATES
from safelight.verify.needles import dates_of
from safelight.verify.records import Check, Defect, Hasher
from safelight.verify.structure import RETAIN_UIDS


def uid_pairs(original: Document, output: Document) -> Iterator[tuple[str, str, str]]:
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


def shifts(original: Document, output: Document) -> dict[str, set[int]]:
    """Days between original and output of each date, by location; dummies are left out."""
    after: dict[str, list[str]] = {}
    for pair, text in dates_of(output.nodes):
        after.setdefault(pair, []).append(text)
    before: dict[str, list[str]] = {}
    for pair, text in dates_of(original.nodes):
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


class Links:
    """Remembers UIDs and date shifts over all objects of a run. Holds PHI in memory.

    Parameters
    ----------
    hasher : Hasher
    """

    def __init__(self, hasher: Hasher):
        self._hasher = hasher
        self._new_of: dict[str, str] = {}
        self._old_of: dict[str, str] = {}
        self._shift_of: dict[str, int] = {}

    def add(self, original: Document, output: Document, codes: frozenset[str]) -> Iterator[Defect]:
        """Check one more object against itself and those before it."""
        if RETAIN_UIDS not in codes:
            yield from self._add_uids(original, output)
        if MODIFIED_DATES in codes:
            yield from self._add_shift(original, output)
        elif FULL_DATES in codes:
            for location, days in shifts(original, output).items():
                if days != {0}:
                    yield Defect(Check.DATE_INTERVAL, location, "is not the date it was")

    def _add_uids(self, original: Document, output: Document) -> Iterator[Defect]:
        for location, old, new in uid_pairs(original, output):
            if self._new_of.setdefault(old, new) != new:
                yield Defect(
                    Check.UID_LINK, location, "another UID stands for the same original elsewhere",
                    len(new), self._hasher(new),
                )  # fmt: skip
            if self._old_of.setdefault(new, old) != old:
                yield Defect(
                    Check.UID_LINK, location, "the same UID stands for another original elsewhere",
                    len(new), self._hasher(new),
                )  # fmt: skip

    def _add_shift(self, original: Document, output: Document) -> Iterator[Defect]:
        patient = output.text("(0010,0020)")
        for location, found in shifts(original, output).items():
            for days in found:
                if days == 0:
                    yield Defect(Check.DATE_INTERVAL, location, "is the date it was")
                elif self._shift_of.setdefault(patient, days) != days:
                    yield Defect(
                        Check.DATE_INTERVAL, location,
                        "is moved by other days than the patient's other dates",
                    )  # fmt: skip


def date_leaks(original: Document, output: Document, hasher: Hasher) -> Iterator[Defect]:
    """Original dates that stand in the output's texts and bytes.

    A moved date may by chance equal another original date. So a date counts only if no
    original date moved by the patient's shift explains it.
    """
    old = {text for _, text in dates_of(original.nodes)}
    moved = {days for found in shifts(original, output).values() for days in found}
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
