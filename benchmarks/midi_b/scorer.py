"""Score outputs by an answer key, with the ten checks of the MIDI-B challenge.

The semantics are those of its validation script, with one exception: the components of a name are
compared one by one, where the script compares the whole name.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset

from benchmarks.midi_b.answer_key import Check, CheckAction, InstanceAnswers, read_answer_key
from benchmarks.midi_b.burned_in_text import read_box_text
from benchmarks.midi_b.element_paths import digest_pixels, list_values
from benchmarks.midi_b.text_match import are_all_removed, are_all_retained, split_tokens

#: Checks that pass if an object has no output, because its planted values are not published.
_PASSED_WITHOUT_OUTPUT = frozenset(
    {
        CheckAction.TEXT_REMOVED,
        CheckAction.DATE_SHIFTED,
        CheckAction.UID_CHANGED,
        CheckAction.PIXELS_HIDDEN,
    }
)


@dataclass(frozen=True)
class CheckResult:
    """Outcome of one check of one instance."""

    instance: InstanceAnswers
    check: Check
    passed: bool
    found: str


@dataclass(frozen=True)
class Mappings:
    """Pseudonyms by original, from the files of ``safelight midi-b``."""

    uids: Mapping[str, str]
    patient_ids: Mapping[str, str]


class _Output:
    """One output, and what the checks read in it."""

    def __init__(self, path: Path):
        self._path = path

    @cached_property
    def dataset(self) -> Dataset:
        return dcmread(self._path)

    @cached_property
    def values(self) -> dict[str, str]:
        return list_values(self.dataset)


def read_mappings(folder: Path) -> Mappings:
    """Return the pseudonyms of the files that ``safelight midi-b`` wrote."""
    return Mappings(
        _read_pairs(folder / "uid_mapping.csv"), _read_pairs(folder / "patid_mapping.csv")
    )


def _read_pairs(path: Path) -> dict[str, str]:
    pairs: dict[str, str] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            pairs.setdefault(row["id_old"], row["id_new"])
    return pairs


def score(key: Path, outputs: Path, mappings: Mappings) -> Iterator[CheckResult]:
    """Yield the result of each check of an answer key.

    Parameters
    ----------
    key : Path
        Answer key.
    outputs : Path
        Folder of the de-identified objects.
    mappings : Mappings
    """
    by_uid = {str(dcmread(path, stop_before_pixels=True).SOPInstanceUID): path
              for path in outputs.rglob("*.dcm")}  # fmt: skip
    for instance in read_answer_key(key):
        path = by_uid.get(mappings.uids.get(instance.sop_uid, ""))
        output = _Output(path) if path else None
        for check in instance.checks:
            if output is None:
                passed = check.action in _PASSED_WITHOUT_OUTPUT
                yield CheckResult(instance, check, passed, "no output")
            else:
                found = output.values.get(check.path, "")
                yield CheckResult(
                    instance, check, _CHECKS[check.action](check, output, mappings), found
                )


def _is_tag_retained(check: Check, output: _Output, _: Mappings) -> bool:
    return check.path in output.values


def _is_text_notnull(check: Check, output: _Output, _: Mappings) -> bool:
    return bool(output.values.get(check.path))


def _is_text_retained(check: Check, output: _Output, _: Mappings) -> bool:
    value = output.values.get(check.path)
    return bool(value) and are_all_retained(str(value), check.action_text)


def _is_text_removed(check: Check, output: _Output, _: Mappings) -> bool:
    return are_all_removed(output.values.get(check.path, ""), check.action_text)


def _is_original_absent(check: Check, output: _Output, _: Mappings) -> bool:
    return check.value not in output.values.get(check.path, "")


def _is_uid_consistent(check: Check, output: _Output, mappings: Mappings) -> bool:
    value = output.values.get(check.path)
    return value is None or value == mappings.uids.get(check.value)


def _is_patid_consistent(check: Check, output: _Output, mappings: Mappings) -> bool:
    value = output.values.get(check.path)
    return value is None or value == mappings.patient_ids.get(check.value)


def _are_pixels_retained(check: Check, output: _Output, _: Mappings) -> bool:
    return digest_pixels(output.dataset) == check.action_text


def _are_pixels_hidden(check: Check, output: _Output, _: Mappings) -> bool:
    planted = json.loads(check.action_text)
    box = (*planted["top_left"], *planted["bottom_right"])
    text = read_box_text(output.dataset, box).lower()
    return not any(token in text for token in split_tokens(planted["text"]))


_CHECKS: Mapping[CheckAction, Callable[[Check, _Output, Mappings], bool]] = {
    CheckAction.TAG_RETAINED: _is_tag_retained,
    CheckAction.TEXT_NOTNULL: _is_text_notnull,
    CheckAction.TEXT_RETAINED: _is_text_retained,
    CheckAction.TEXT_REMOVED: _is_text_removed,
    CheckAction.DATE_SHIFTED: _is_original_absent,
    CheckAction.UID_CHANGED: _is_original_absent,
    CheckAction.UID_CONSISTENT: _is_uid_consistent,
    CheckAction.PATID_CONSISTENT: _is_patid_consistent,
    CheckAction.PIXELS_RETAINED: _are_pixels_retained,
    CheckAction.PIXELS_HIDDEN: _are_pixels_hidden,
}
