"""Options of a release that has pseudonyms of its own for one recipient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from jobs.common.storage.location import Location

#: Columns of ``catalog`` that somebody who knows a patient may know as well.
DEFAULT_QUASI_IDENTIFIERS = (
    "patient_age", "patient_sex", "patient_size", "patient_weight", "ethnic_group",
    "region_of_residence", "modality", "body_part_examined",
)  # fmt: skip

#: Share of the patients that is suppressed rather than that all are generalised further.
DEFAULT_MAX_SUPPRESSED = 0.05


@dataclass(frozen=True)
class RecipientOptions:
    """Checked options of a release for a recipient.

    Attributes
    ----------
    recipient : str
        Name of the recipient, which is the namespace of its pseudonyms.
    key : bytes
        Master key of the second pass.
    folder, restricted : Location
        Folder of all releases to the recipient, and folder of the restricted tables.
    k : int
        Smallest size of an equivalence class of patients; 1 for no limit.
    max_suppressed : float
        Share of the patients that may be suppressed before all are generalised further.
    quasi_identifiers : tuple of str
        Columns of ``catalog``.
    sensitive : str
        Column of ``catalog`` for l-diversity and t-closeness.
    keep_private : bool
        Whether private elements are kept.
    dicomdir : bool
        Whether the release is a File-set with a DICOMDIR.
    population : int, optional
        Number of patients from whom those of ``catalog`` come, such as all patients of a hospital.
    """

    recipient: str
    key: bytes
    folder: Location
    restricted: Location
    k: int
    max_suppressed: float
    quasi_identifiers: tuple[str, ...]
    sensitive: str
    keep_private: bool
    dicomdir: bool = False
    population: Optional[int] = None

    @property
    def parameters(self) -> dict[str, str]:
        """Parameters that identify a release, without the key."""
        return {
            "recipient": self.recipient,
            "k": str(self.k),
            "max_suppressed": str(self.max_suppressed),
            "quasi_identifiers": " ".join(self.quasi_identifiers),
            "sensitive": self.sensitive,
            "private": "keep" if self.keep_private else "remove",
            **({"dicomdir": "yes"} if self.dicomdir else {}),
            **({"population": str(self.population)} if self.population else {}),
        }
