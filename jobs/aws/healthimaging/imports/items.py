"""De-identified objects, as the tables record them for an import."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

#: Values of ``status`` in ``imports``.
IMPORTED, FAILED, REFUSED, UNLISTED = "imported", "failed", "refused", "unlisted"


@dataclass(frozen=True, order=True, slots=True)
class ImportItem:
    """One de-identified object, as ``instances`` records it.

    Attributes
    ----------
    study_uid, series_uid, sop_uid : str
        New UIDs.
    uri : str
        URI of the output.
    sha256 : str
        Hexadecimal SHA-256.
    size : int
        Bytes.
    patient : str
        Pseudonym of the patient.
    attempts : int
        Earlier imports of the same bytes that failed, or whose instance is held.
    """

    study_uid: str
    series_uid: str
    sop_uid: str
    uri: str
    sha256: str
    size: int
    patient: str
    attempts: int = 0

    @property
    def file_name(self) -> str:
        """Name of the file in the input of an import job."""
        return f"{self.sop_uid}.dcm"


def count_bytes(items: Iterable[ImportItem]) -> int:
    """Return the bytes of all items."""
    return sum(item.size for item in items)
