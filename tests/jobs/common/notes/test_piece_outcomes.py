"""Outcomes of pieces under the settings of a run, and under others."""

from __future__ import annotations

import pyarrow as pa

from jobs.common.notes.piece_outcomes import PieceOutcomes
from jobs.common.sources.listing import LocalListing


def pieces(*keys: tuple[str, int]) -> pa.Table:
    """Return pieces of sources of one piece each."""
    ids, numbers = zip(*keys) if keys else ((), ())
    return pa.table(
        {
            "source_id": pa.array(ids, pa.string()),
            "piece": pa.array(numbers, pa.int32()),
            "pieces": pa.array([1] * len(keys), pa.int32()),
        }
    )


def listing(*ids: str) -> LocalListing:
    return LocalListing(pa.table({"source_id": pa.array(ids, pa.string())}))


def test_an_output_under_other_settings_conflicts_with_its_pending_source() -> None:
    outcomes = PieceOutcomes(pieces(("a", 1)), pieces(("b", 1)))
    assert outcomes.has_conflict(listing("b", "c"))
    assert not outcomes.has_conflict(listing("a", "c"))


def test_a_piece_that_is_done_does_not_conflict() -> None:
    outcomes = PieceOutcomes(pieces(("a", 1)), pieces(("a", 1)))
    assert not outcomes.has_conflict(listing("a"))
