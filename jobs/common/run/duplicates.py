"""Decide between sources that claim the same SOP Instance UID, whatever order they came in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Optional

from jobs.common.storage.backend import WriteOutcome
from safelight.records import Reason

SAME_CONTENT = "same content as another source; one object stands for both"
_DUPLICATE = "another source with the same SOP Instance UID has other content; keep one of them"
_CONFLICT = "another object stands at this output name; give an output of its own"


@dataclass(frozen=True)
class OutputClaim:
    """A de-identified source of a batch: what it was, or would have been, written as."""

    position: int
    source_id: str
    sop_uid: str
    output_uri: str
    sha256: str
    written: WriteOutcome

    @property
    def content(self) -> tuple[str, str]:
        """What stands where."""
        return self.output_uri, self.sha256


@dataclass(frozen=True)
class DuplicateResolution:
    """What follows.

    Attributes
    ----------
    refused : dict
        Reason code and sentence by source.
    twins : frozenset
        Sources for which an object of the same content stands already.
    repairs : frozenset
        Sources whose object must be written over that of a refused one of this batch.
    orphans : frozenset
        URIs of objects that refused sources wrote.
    """

    refused: dict[str, tuple[str, str]]
    twins: frozenset[str]
    repairs: frozenset[str]
    orphans: frozenset[str]


def resolve(
    claims: Iterable[OutputClaim], committed: Mapping[str, frozenset[tuple[str, str]]]
) -> DuplicateResolution:
    """Decide for one batch.

    What earlier batches and runs have committed stays; otherwise the first source in the
    order of the listing wins. Neither depends on which task was faster.

    Parameters
    ----------
    committed : mapping
        The contents that ``instances`` has, by SOP Instance UID.
    """
    groups: dict[str, list[OutputClaim]] = defaultdict(list)
    for claim in claims:
        groups[claim.sop_uid].append(claim)
    refused: dict[str, tuple[str, str]] = {}
    twins: set[str] = set()
    repairs: set[str] = set()
    orphans: set[str] = set()
    for sop_uid, group in groups.items():
        group.sort(key=lambda claim: claim.position)
        stands = committed.get(sop_uid, frozenset())
        winning = stands or {group[0].content}
        for claim in group:
            if claim.content not in winning:
                refused[claim.source_id] = (Reason.DUPLICATE_INSTANCE.value, _DUPLICATE)
        winners = [claim for claim in group if claim.content in winning]
        verdict = _settle(winners, group, bool(stands))
        if verdict is None:
            refused |= {w.source_id: (Reason.OUTPUT_CONFLICT.value, _CONFLICT) for w in winners}
            winners = []
        else:
            repairs |= verdict
        twins |= {claim.source_id for claim in winners[0 if stands else 1 :]}
        taken = {uri for uri, _ in stands} | {claim.output_uri for claim in winners}
        orphans |= {
            claim.output_uri
            for claim in group
            if claim.written is not WriteOutcome.CONFLICT and claim.output_uri not in taken
        }
    return DuplicateResolution(refused, frozenset(twins), frozenset(repairs), frozenset(orphans))


def _settle(
    winners: list[OutputClaim], group: list[OutputClaim], committed: bool
) -> Optional[set[str]]:
    """Sources to write again so that the winners' object stands; None if that may not be."""
    if not winners or any(claim.written is not WriteOutcome.CONFLICT for claim in winners):
        return set()
    at = winners[0].output_uri
    ours = any(
        claim.output_uri == at and claim.written is not WriteOutcome.CONFLICT for claim in group
    )
    return {winners[0].source_id} if ours and not committed else None
