"""Decide between sources with the same SOP Instance UID, independently of the order of tasks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Optional

from jobs.common.storage.backend import WriteOutcome
from safelight.records import Reason

#: Begins the reason of a source whose content equals that of another source.
SAME_CONTENT_PREFIX = "same content as another source"
SAME_CONTENT = f"{SAME_CONTENT_PREFIX}; both have one output object"

_DUPLICATE = "another source with the same SOP Instance UID has other content; keep one of them"
_CONFLICT = "another object exists at the output location; give a separate --output"


class OutputContent(NamedTuple):
    """An output location and the SHA-256 of the object there."""

    uri: str
    sha256: str


@dataclass(slots=True, frozen=True)
class OutputClaim:
    """A de-identified source of a batch and the output object that it claims.

    Attributes
    ----------
    position : int
        Position in the listing.
    source_id : str
    sop_uid : str
        New SOP Instance UID.
    output_uri, sha256 : str
        Location and digest of the object.
    size : int
        Bytes of the object.
    written : str
        Outcome of the conditional write, a value of :class:`WriteOutcome`.
    """

    position: int
    source_id: str
    sop_uid: str
    output_uri: str
    sha256: str
    size: int
    written: str

    @property
    def content(self) -> OutputContent:
        """Return the claimed location and content."""
        return OutputContent(self.output_uri, self.sha256)

    @property
    def is_stored(self) -> bool:
        """Return whether the object exists with this content."""
        return self.written != WriteOutcome.CONFLICT.value


@dataclass
class DuplicateResolution:
    """Decisions on the claims of one batch.

    Attributes
    ----------
    refused : dict
        Reason code and sentence by source ID.
    same_content : set of str
        Sources whose content another source has already.
    rewrites : set of str
        Sources whose object must replace the object of a refused source of the same batch.
    orphaned_uris : set of str
        Objects that only refused sources wrote.
    """

    refused: dict[str, tuple[str, str]] = field(default_factory=dict)
    same_content: set[str] = field(default_factory=set)
    rewrites: set[str] = field(default_factory=set)
    orphaned_uris: set[str] = field(default_factory=set)

    def refuse(self, claims: Iterable[OutputClaim], reason: Reason, sentence: str) -> None:
        """Refuse the sources of claims.

        Parameters
        ----------
        claims : iterable of OutputClaim
            Claims of the sources to refuse.
        reason : Reason
            Reason code, for the column ``reason_code``.
        sentence : str
            Explanation without PHI, for the column ``reason``.
        """
        self.refused |= {claim.source_id: (reason.value, sentence) for claim in claims}


def resolve_duplicates(
    claims: Iterable[OutputClaim], committed: Mapping[str, frozenset[OutputContent]]
) -> DuplicateResolution:
    """Decide on the claims of one batch.

    Content that earlier batches and runs committed is kept. Otherwise the first source in the
    order of the listing wins. Neither depends on the speed of tasks.

    Parameters
    ----------
    claims : iterable of OutputClaim
    committed : mapping
        Contents in ``instances`` by SOP Instance UID.
    """
    groups: dict[str, list[OutputClaim]] = defaultdict(list)
    for claim in claims:
        groups[claim.sop_uid].append(claim)
    resolution = DuplicateResolution()
    for sop_uid, group in groups.items():
        group.sort(key=lambda claim: claim.position)
        _resolve_group(group, committed.get(sop_uid, frozenset()), resolution)
    return resolution


def _resolve_group(
    group: list[OutputClaim],
    committed: frozenset[OutputContent],
    resolution: DuplicateResolution,
) -> None:
    """Decide on the claims of one SOP Instance UID, in the order of the listing."""
    winning = committed or {group[0].content}
    winners = [claim for claim in group if claim.content in winning]
    losers = [claim for claim in group if claim.content not in winning]
    resolution.refuse(losers, Reason.DUPLICATE_INSTANCE, _DUPLICATE)
    rewrites = _find_rewrites(winners, group, bool(committed))
    if rewrites is None:
        resolution.refuse(winners, Reason.OUTPUT_CONFLICT, _CONFLICT)
        winners = []
    else:
        resolution.rewrites |= rewrites
    resolution.same_content |= {claim.source_id for claim in winners[0 if committed else 1 :]}
    kept_uris = {content.uri for content in committed} | {claim.output_uri for claim in winners}
    resolution.orphaned_uris |= {
        claim.output_uri for claim in group if claim.is_stored and claim.output_uri not in kept_uris
    }


def _find_rewrites(
    winners: list[OutputClaim], group: list[OutputClaim], has_committed: bool
) -> Optional[set[str]]:
    """Return the sources to write again so that the object of the winners exists.

    ``None`` if the object at their location may not be replaced: it is of no source of the batch.
    """
    # A committed object may have been written after this batch found another one at its location.
    if not winners or has_committed or any(claim.is_stored for claim in winners):
        return set()
    uri = winners[0].output_uri
    is_of_batch = any(claim.output_uri == uri and claim.is_stored for claim in group)
    return {winners[0].source_id} if is_of_batch else None
