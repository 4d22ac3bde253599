"""Correct the labels of the first pass after the second one."""

from __future__ import annotations

from typing import Final

from pydicom.dataset import Dataset

from safelight.releases.treatment import ReleaseTreatment
from safelight.risk.hierarchies import HIERARCHIES
from safelight.standard.confidentiality import find_row
from safelight.standard.options import Option
from safelight.version import VERSION

_LAST_DATE_LEVEL: Final = HIERARCHIES["study_date"].last_level

#: Description of the second pass in De-identification Method (0012,0063).
SECOND_PASS: Final = f"Safelight {VERSION} second pass for a recipient"


def update_labels(dataset: Dataset, treatment: ReleaseTreatment) -> None:
    """Let the labels of an object say what the second pass has done.

    It replaces UIDs and identifiers of devices, shifts or removes dates, and removes private
    elements, so that options which retain them do not hold any more.

    Parameters
    ----------
    dataset : Dataset
        Object after the second pass, which is changed.
    treatment : ReleaseTreatment
        Decisions of the release.
    """
    removes_dates = treatment.date_level >= _LAST_DATE_LEVEL
    temporal = "LongitudinalTemporalInformationModified"
    if removes_dates:
        setattr(dataset, temporal, "REMOVED")
    elif dataset.get(temporal) == "UNMODIFIED":
        setattr(dataset, temporal, "MODIFIED")
    _update_codes(dataset, treatment, removes_dates)
    methods = dataset.get("DeidentificationMethod") or []
    methods = [methods] if isinstance(methods, str) else list(methods)
    dataset.DeidentificationMethod = [*methods, SECOND_PASS]


def _has_characteristics(dataset: Dataset) -> bool:
    """Return whether an attribute of the patient that the option retains has a value."""
    return any(
        Option.RETAIN_PATIENT_CHARACTERISTICS in row.options and not dataset[tag].is_empty
        for tag in dataset.keys()
        if (row := find_row(int(tag))) is not None
    )


def _update_codes(dataset: Dataset, treatment: ReleaseTreatment, removes_dates: bool) -> None:
    """Remove the codes of options that do not hold any more; full dates are modified dates now."""
    items = list(dataset.get("DeidentificationMethodCodeSequence") or ())
    dropped = {Option.RETAIN_UIDS.code, Option.RETAIN_DEVICE_IDENTITY.code}
    if not _has_characteristics(dataset):
        dropped.add(Option.RETAIN_PATIENT_CHARACTERISTICS.code)
    if not treatment.keep_private:
        dropped.add(Option.RETAIN_SAFE_PRIVATE.code)
    full, modified = Option.RETAIN_LONG_FULL_DATES, Option.RETAIN_LONG_MODIFIED_DATES
    if removes_dates:
        dropped |= {full.code, modified.code}
    for item in items:
        if item.get("CodeValue") == full.code and not removes_dates:
            item.CodeValue, item.CodeMeaning = modified.code, modified.meaning
    kept = {str(item.get("CodeValue", "")): item for item in items}
    if items:
        dataset.DeidentificationMethodCodeSequence = [
            item for code, item in kept.items() if code not in dropped
        ]
