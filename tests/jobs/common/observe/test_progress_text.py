from __future__ import annotations

from jobs.common.observe.progress_text import format_bar, format_sentence
from jobs.common.observe.stage_progress import Progress


def make(**fields: object) -> Progress:
    values = {
        "stage": "SCAN", "objects": 500, "total": 2000, "bytes": 50_000_000, "seconds": 10.0,
        "rate": 50.0, "seconds_left": 75.4,
    }  # fmt: skip
    return Progress(**(values | fields))  # type: ignore[arg-type]


def test_a_bar_shows_share_count_rate_and_time_left() -> None:
    assert format_bar(make()) == (
        "SCAN     [#####               ]  25% 500 of 2,000 objects, 50 objects/s, 5 MB/s, "
        "1 min 15 s left"
    )


def test_a_stage_without_objects_shows_its_time() -> None:
    listing = make(stage="LIST", objects=0, total=0, bytes=0, rate=0.0, seconds_left=None)
    assert format_bar(listing) == "LIST     10 s"
    assert format_sentence(listing) == "LIST: 10 s"


def test_an_unknown_total_leaves_out_bar_and_time_left() -> None:
    assert format_bar(make(total=0, bytes=0, seconds_left=None)) == (
        "SCAN     500 objects, 50 objects/s"
    )


def test_a_sentence_has_the_same_numbers() -> None:
    assert format_sentence(make(seconds_left=7300.0, rate=0.25, bytes=0)) == (
        "SCAN: 500 of 2,000 objects, 0.25 objects/s, 2 h 01 min left"
    )


def test_a_low_rate_of_bytes_is_shown_in_kilobytes() -> None:
    assert "objects/s, 7.5 KB/s" in format_sentence(make(bytes=75_000))
