"""Mutants of the engine: a step that is skipped or wrong gives an output that the verifier finds.

Each mutant changes one step of the engine while it de-identifies two objects of one patient. Either
the engine itself refuses the objects, or the verifier finds the fault, alone or against the
original, or between the two objects.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from safelight.headers import stage, value_replacer
from safelight.headers.dataset_writer import DatasetWriter
from safelight.headers.element_text import ElementTextCleaner
from safelight.headers.element_writer import ElementWriter
from safelight.headers.new_values import shift_value
from safelight.headers.object_writer import ObjectWriter
from safelight.headers.private_writer import PrivateElementWriter
from safelight.headers.stage import HeaderStage
from safelight.headers.value_replacer import ValueReplacer
from safelight.pseudonyms import Patient, Pseudonyms
from safelight.rules.operations import Operation
from safelight.verify import Verifier, find_contradictions
from tests.headers.objects import find_nothing, make_deidentifier
from tests.verify.objects import original, to_bytes

Patch = pytest.MonkeyPatch


def make_originals() -> list[bytes]:
    """Return two objects of one patient with the kinds of values that the steps handle."""
    made = []
    for number in (1001, 1002):
        ds = original()
        ds.SOPInstanceUID = f"1.2.3.4.5.{number}"
        ds.StudyDescription = "CHEST of Quillfeather"
        ds.ContentDate = "20240314"
        ds.InstitutionalDepartmentName = "Lakeside Cardiology"
        made.append(to_bytes(ds))
    return made


def find_defects(sources: list[bytes]) -> set[str] | None:
    """Return the checks that find something; None if the engine refuses an object."""
    verifier = Verifier(link_key=b"k" * 32)
    found: set[str] = set()
    links = []
    for source in sources:
        data = make_deidentifier("research", annotate=find_nothing).deidentify(source).data
        if data is None:
            return None
        defects = (*verifier.check(data), *verifier.compare(data, source))
        found |= {defect.check.value for defect in defects}
        links += verifier.collect_links(data, source)
    return found | {defect.check.value for defect in find_contradictions(links)}


def test_the_engine_without_a_fault_is_clean() -> None:
    assert find_defects(make_originals()) == set()


def keep_names(patch: Patch) -> None:
    patch.setattr(ValueReplacer, "_replace_name", lambda self, value, tag: value)


def exchange_parts_of_names(patch: Patch) -> None:
    def exchange(self: Any, value: str, tag: int) -> str:
        return " ".join(reversed(value.split("^")))

    patch.setattr(ValueReplacer, "_replace_name", exchange)


def misspell_names(patch: Patch) -> None:
    patch.setattr(ValueReplacer, "_replace_name", lambda self, value, tag: value[:3] + value[4:])


def keep_dates(patch: Patch) -> None:
    patch_shift(patch, lambda value, tag, vr: value)


def shift_each_date_by_itself(patch: Patch) -> None:
    patch_shift(patch, lambda value, tag, vr: shift_value(value, vr, -200 - tag % 50))


def shift_by_a_year(patch: Patch) -> None:
    patch_shift(patch, lambda value, tag, vr: shift_value(value, vr, -365))


def patch_shift(patch: Patch, shift: Callable[[str, int, str], str | None]) -> None:
    """Change the step that shifts a date."""
    replacers = value_replacer._REPLACEMENTS
    step = lambda writer, value, tag, vr: shift(value, tag, vr)  # noqa: E731
    patch.setitem(replacers, Operation.SHIFT, step)


def shift_by_no_days(patch: Patch) -> None:
    patch.setattr(Pseudonyms, "_patient", make_patient(lambda: 0))


def shift_each_object_by_itself(patch: Patch) -> None:
    days = count(-300, 7)
    patch.setattr(Pseudonyms, "_patient", make_patient(lambda: next(days)))


def make_patient(days: Callable[[], int]) -> Callable[[Any, str], Patient]:
    """Return a step that derives the pseudonym, but not the shift, of a patient."""

    def patient(self: Pseudonyms, identity: str) -> Patient:
        return Patient(identity, self.token("patient_id", identity), days())

    return patient


def take_identity_as_pseudonym(patch: Patch) -> None:
    patch.setattr(Pseudonyms, "_patient", lambda self, identity: Patient(identity, "MR-4471902", 9))


def keep_uids(patch: Patch) -> None:
    patch.setattr(Pseudonyms, "_uuid_uid", lambda self, uid: uid)


def derive_another_uid_each_time(patch: Patch) -> None:
    numbers = count(10**30)
    patch.setattr(Pseudonyms, "_uuid_uid", lambda self, uid: f"2.25.{10**20 + next(numbers)}")


def give_one_uid_to_all(patch: Patch) -> None:
    patch.setattr(Pseudonyms, "_uuid_uid", lambda self, uid: f"2.25.{10**20}")


def keep_identifiers(patch: Patch) -> None:
    patch.setattr(Pseudonyms, "token", lambda self, kind, value, length=16, prefix="": value)


def separate_identifiers(patch: Patch) -> None:
    def token(self: Any, kind: str, value: str, length: int = 16, prefix: str = "") -> str:
        return f"{value[:5]} {value[5:]}"

    patch.setattr(Pseudonyms, "token", token)


def skip_sequences(patch: Patch) -> None:
    patch.setattr(DatasetWriter, "edit_sequence", lambda *arguments: None)


def keep_private_elements(patch: Patch) -> None:
    patch.setattr(PrivateElementWriter, "_apply", lambda *arguments: None)


def keep_standard_elements(patch: Patch) -> None:
    patch.setattr(DatasetWriter, "edit_standard", lambda *arguments: None)


def keep_descriptions(patch: Patch) -> None:
    patch.setattr(ElementWriter, "_clean", lambda *arguments: None)


def forget_known_values(patch: Patch) -> None:
    patch.setattr(ElementTextCleaner, "_find_known", lambda *arguments: [])
    patch.setattr(ElementWriter, "_check_kept", lambda *arguments: None)


def lose_the_last_element(patch: Patch) -> None:
    write = ObjectWriter.write

    def lose(self: Any, elements: Any, inserted: Any, context: Any) -> Any:
        return write(self, elements[:-1], inserted, context)

    patch.setattr(ObjectWriter, "write", lose)


def claim_clean_pixels(patch: Patch) -> None:
    patch_labels(patch, lambda values: (*values[:2], True, *values[3:]))


def claim_what_was_not_retained(patch: Patch) -> None:
    everything = int(stage.Retained.INSTITUTION | stage.Retained.UIDS)
    patch_labels(patch, lambda values: (values[0], values[1] | everything, *values[2:]))


def patch_labels(patch: Patch, change: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> None:
    """Change the facts from which the labels of an object are derived."""
    encode = HeaderStage._encode_labels

    def encode_changed(self: HeaderStage, *values: Any) -> Any:
        return encode(self, *change(values))

    patch.setattr(HeaderStage, "_encode_labels", encode_changed)


def write_no_labels(patch: Patch) -> None:
    patch.setattr(HeaderStage, "_encode_labels", lambda *arguments: {})


def name_another_instance_in_the_file_meta(patch: Patch) -> None:
    patch_file_meta(patch, lambda meta: meta.replace(b"2.25.", b"2.26."))


def keep_the_preamble(patch: Patch) -> None:
    patch_file_meta(patch, lambda meta: b"Quillfeather" + meta[12:])


def patch_file_meta(patch: Patch, change: Callable[[bytes], bytes]) -> None:
    """Change the preamble and the File Meta Information."""
    write = stage.write_file_meta
    patch.setattr(stage, "write_file_meta", lambda *values: change(write(*values)))


MUTANTS: tuple[tuple[Callable[[Patch], None], str], ...] = (
    (keep_names, "identifier"),
    (exchange_parts_of_names, "leak"),
    (misspell_names, "identifier"),
    (keep_dates, "date_interval"),
    (shift_each_date_by_itself, "date_interval"),
    (shift_by_a_year, "date_interval"),
    (shift_by_no_days, "date_interval"),
    (shift_each_object_by_itself, "date_interval"),
    (take_identity_as_pseudonym, "leak"),
    (keep_uids, "uid"),
    (derive_another_uid_each_time, "uid_link"),
    (give_one_uid_to_all, "uid_link"),
    (keep_identifiers, "leak"),
    (separate_identifiers, "leak"),
    (skip_sequences, "leak"),
    (keep_private_elements, "private"),
    (keep_standard_elements, "identifier"),
    (keep_descriptions, "leak"),
    (forget_known_values, "leak"),
    (lose_the_last_element, "required"),
    (claim_clean_pixels, "marks"),
    (claim_what_was_not_retained, "marks"),
    (write_no_labels, "marks"),
    (name_another_instance_in_the_file_meta, "file_head"),
    (keep_the_preamble, "file_head"),
)


@pytest.mark.parametrize(("mutate", "check"), MUTANTS)
def test_a_fault_of_the_engine_is_found(
    mutate: Callable[[Patch], None], check: str, monkeypatch: Patch
) -> None:
    sources = make_originals()
    mutate(monkeypatch)
    found = find_defects(sources)
    assert found is None or check in found


def test_the_engine_refuses_few_mutants_itself(monkeypatch: Patch) -> None:
    refused = 0
    for mutate, _ in MUTANTS:
        with monkeypatch.context() as patch:
            mutate(patch)
            refused += find_defects(make_originals()) is None
    assert refused <= len(MUTANTS) - 20
