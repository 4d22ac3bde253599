from __future__ import annotations

from collections import Counter

from jobs.common.observe.run_counts import BatchCounts, Outcome


def make() -> BatchCounts:
    outcomes = {
        Outcome("deidentified", ""): 5,
        Outcome("quarantined", "truncated"): 2,
        Outcome("quarantined", "malformed"): 3,
        Outcome("filtered", "not_dicom"): 1,
    }
    return BatchCounts(Counter(outcomes), 11, 100, 50)


def test_batches_add_up() -> None:
    counts = make()
    counts.add(make())
    assert counts.outcomes[Outcome("quarantined", "truncated")] == 4
    assert (counts.objects, counts.bytes_in, counts.bytes_out) == (22, 200, 100)


def test_every_status_has_a_count() -> None:
    assert make().by_status() == {"deidentified": 5, "filtered": 1, "quarantined": 5}
    assert BatchCounts().by_status() == {"deidentified": 0, "filtered": 0, "quarantined": 0}


def test_reasons_are_sorted_by_status_and_count() -> None:
    assert [(*outcome, count) for outcome, count in make().by_reason()] == [
        ("filtered", "not_dicom", 1),
        ("quarantined", "malformed", 3),
        ("quarantined", "truncated", 2),
    ]
