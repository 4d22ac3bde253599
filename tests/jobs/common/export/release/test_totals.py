from __future__ import annotations

import pyarrow as pa
import pytest

from jobs.common.export.recipient.catalog import make_catalog
from jobs.common.export.recipient.rows import (
    ReleasedObject,
    RewriteOutcome,
    SelectedObject,
    decode_entries,
    encode_outcomes,
    record_objects,
)
from jobs.common.export.release.totals import ReleaseTotals
from jobs.common.spark.deidentifier_factory import join_stages
from safelight.releases.dicomdir import DirectoryEntry

#: Stages as runs record them.
STAGES = (join_stages(False, False), join_stages(True, False))


def released(number: int) -> ReleasedObject:
    entry = DirectoryEntry(f"{number}", ("P", "1"), (b"a", b"b")) if number % 2 else None
    selected = SelectedObject(
        "r1", f"s{number}", "default", "P", f"1.{number}", "u", "h", STAGES[number % 2], 1,
        rules_name="research", rules_hash=f"h{number % 3}", verification="clean",
        verification_scope="compared+ocr" if number % 5 == 0 else "compared",
    )  # fmt: skip
    return ReleasedObject(
        selected, f"{number}", "h2", number, "2.1", "2.2", f"2.{number}", f"Q{number % 4}", {},
        ("113100", "113101", "113101"), entry,
    )  # fmt: skip


def rows(numbers: range) -> pa.Table:
    objects = [released(number) for number in numbers]
    outcomes = [RewriteOutcome(one.selected, "new", one) for one in objects]
    return pa.Table.from_batches([encode_outcomes(outcomes, make_catalog("n1", objects))])


@pytest.mark.parametrize("block", [1, 4, 10])
def test_totals_do_not_depend_on_the_blocks(block: int) -> None:
    totals = ReleaseTotals()
    for begin in range(0, 10, block):
        totals.add(rows(range(begin, min(10, begin + block))))
    assert (totals.objects, totals.size, totals.without_entry) == (10, sum(range(10)), 5)
    assert totals.patients == {"Q0", "Q1", "Q2", "Q3"}
    assert totals.rules == {("research", f"h{n}") for n in range(3)}
    assert totals.methods == {"113100": 10, "113101": 10}
    assert totals.verification == {"clean": 10}
    scopes = ("compared", "ocr", "text_model")
    assert [totals.count_verified(scope) for scope in scopes] == [10, 2, 0]
    assert totals.stages == {"headers": 5, "headers+pixels": 5}
    assert totals.with_pixel_stage == 5


def test_a_row_holds_what_the_release_records() -> None:
    found = rows(range(2))
    assert [entry.records for entry in decode_entries(found)] == [(b"a", b"b")]
    recorded = record_objects(found, "n1", "north").to_pylist()[1]
    assert (recorded["release"], recorded["recipient"]) == ("n1", "north")
    assert (recorded["sop_uid"], recorded["released_sop_uid"]) == ("1.1", "2.1")
    assert (recorded["patient_pseudonym"], recorded["released_patient"]) == ("P", "Q1")


def test_an_object_that_was_not_released_has_no_catalog_row() -> None:
    selected = released(1).selected
    outcomes = [
        RewriteOutcome(selected, "objects cannot be read"),
        RewriteOutcome(selected, "new", released(1)),
        RewriteOutcome(selected, "objects still hold an identifier", is_refused=True),
    ]
    batch = encode_outcomes(outcomes, make_catalog("n1", [released(1)]))
    assert batch["path"].to_pylist() == [None, "1", None]
    assert batch["is_refused"].to_pylist() == [False, False, True]
    assert batch["selected"].null_count == 0
