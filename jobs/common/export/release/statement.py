"""State what a release is, what was done to it, and what it does not promise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from jobs.common.export.measured_recall import BURNED_IN_TEXT
from jobs.common.export.recipient.options import RecipientOptions
from jobs.common.export.release.risk import PopulationRisk, RiskAssessment
from jobs.common.export.release.totals import ReleaseTotals
from jobs.common.export.written_values import WrittenValues
from safelight.pseudonyms import DEFAULT_SHIFT_RANGE
from safelight.releases.time_shift import MAX_SHIFT_MICROSECONDS
from safelight.releases.treatment import find_date_level
from safelight.risk.hierarchies import describe_level
from safelight.standard.confidentiality import EDITION
from safelight.standard.options import METHOD_MEANINGS
from safelight.version import VERSION

_FIRST_LIMITS = (
    "Pixel data keep their bytes. A person who has another copy of the same pixels can link it to "
    "this release, whatever the identifiers are.",
    "Technical values of an examination and of its device (positions of slices, exposure, dose, "
    "sizes of fields, maker, model, software) and codes (procedures, anatomy, specimens, findings) "
    "are kept. A person who has another copy of the same examination can link it to this release "
    "by them.",
    "The numbers of studies, series and objects of a patient, and the sizes of files, are kept. A "
    "person who has another copy of the same examinations can link a patient to this release by "
    "numbers that only this patient has.",
    "Faces in CT and MR of the head, teeth, and chest radiographs can be matched with other images "
    "of the same person.",
)

_LAST_LIMITS = (
    "Text in structured reports and encapsulated documents is the text of the first pass.",
    "k-anonymity covers the listed quasi-identifiers only.",
    "l-diversity and t-closeness say nothing about patients without a sensitive value, who count "
    "as patients with the same value.",
    "A verification finds values by their shapes, by lists and, if it had them, by the originals. "
    "The outcome `clean` means that it found nothing. It reads pixels only where `verification` "
    "counts it.",
    "This statement does not record whether a person has looked at objects of the release; "
    "`safelight verify --sample` draws them and states the residual risk that they support.",
    "This statement is not an Expert Determination under 45 CFR 164.514(b)(1). Pseudonymised data "
    "are personal data under the GDPR.",
)

_INTERVALS = (
    "Intervals between the {values} of one patient are kept. A sequence of intervals that only one "
    "patient has can be linked."
)

_COARSE_DATES = (
    "All dates are the first day of a {band}, shifted by whole periods of the patient. Intervals "
    "between them are not those of the examinations."
)

_REDUCED_DATES = (
    "The rules reduce the dates of `date_precision_by_rules` to the first day of a period. These "
    "dates are shifted by whole periods of the patient, so intervals between them are not those of "
    "the examinations."
)

#: Band of dates by level of their hierarchy.
_BANDS = ("day", "month", "quarter", "year")

_WITHDRAWAL = (
    "`safelight withdraw` deletes the objects of a patient from this release and from its catalog, "
    "and leaves the patient out of all later releases. `withdrawn.csv` in the folder of the "
    "recipient then lists these objects. The manifest and this statement stay as they are. Each "
    "holder of a copy of the release must delete the listed objects."
)


@dataclass(frozen=True)
class ReleaseFacts:
    """Decisions and counts of a release.

    Attributes
    ----------
    name : str
        Name of the release.
    options : RecipientOptions
        Options of the release.
    assessment : RiskAssessment
        Risk before and after.
    population : PopulationRisk
        Uniqueness among the patients of the catalog.
    refused : mapping of str to int
        Number of objects that the second pass refused, by reason.
    unverified : mapping of str to int
        Number of objects that were refused because they were not found clean, by outcome.
    written : WrittenValues
        Dates and texts that the rules of the first pass have written themselves.
    """

    name: str
    options: RecipientOptions
    assessment: RiskAssessment
    population: PopulationRisk
    refused: Mapping[str, int]
    unverified: Mapping[str, int]
    written: WrittenValues = field(default_factory=WrittenValues)


def make_statement(facts: ReleaseFacts, totals: ReleaseTotals, manifest_sha256: str) -> str:
    """Return the statement of a release as JSON.

    Parameters
    ----------
    facts : ReleaseFacts
        Decisions and counts of the release.
    totals : ReleaseTotals
        Totals over the objects of the release.
    manifest_sha256 : str
        SHA-256 of the manifest.
    """
    options = facts.options
    statement = {
        "release": facts.name,
        "recipient": options.recipient,
        "software_version": VERSION,
        "confidentiality_profiles": f"DICOM PS3.15 {EDITION}",
        "manifest_sha256": manifest_sha256,
        "objects": totals.objects,
        "patients": len(totals.patients),
        "rules": [{"name": rule, "hash": digest} for rule, digest in sorted(totals.rules)],
        "methods": [
            {"code": code, "meaning": METHOD_MEANINGS.get(code, ""), "objects": count}
            for code, count in sorted(totals.methods.items())
        ],
        "verification": _state_verification(facts, totals),
        "not_examined": _state_stages(facts, totals),
        "burned_in_text": _state_recall(totals),
        "pseudonyms": _state_pseudonyms(facts),
        "disclosure_risk": _state_risk(facts),
        "withdrawal": _WITHDRAWAL,
        "limits": _list_limits(facts),
    }
    return json.dumps(statement, indent=2) + "\n"


def _state_verification(facts: ReleaseFacts, totals: ReleaseTotals) -> dict[str, object]:
    """Return the outcomes of the last verification of the released and the refused objects."""
    return {
        "objects_by_outcome": dict(sorted(totals.verification.items())),
        "objects_compared_with_their_originals": totals.count_verified("compared"),
        "objects_whose_pixels_were_read_again": totals.count_verified("ocr"),
        "objects_whose_texts_a_model_read_again": totals.count_verified("text_model"),
        "objects_refused_as_not_clean": dict(sorted(facts.unverified.items())),
    }


def _state_stages(facts: ReleaseFacts, totals: ReleaseTotals) -> dict[str, object]:
    """Return what was not examined."""
    return {
        "objects_without_the_pixel_stage": totals.objects - totals.with_pixel_stage,
        "objects_by_stages": dict(sorted(totals.stages.items())),
        "objects_refused": dict(sorted(facts.refused.items())),
        **_state_directory(facts.options, totals),
    }


def _state_directory(options: RecipientOptions, totals: ReleaseTotals) -> dict[str, object]:
    """Return the number of objects that the DICOMDIR does not list, if there is one."""
    if not options.dicomdir:
        return {}
    return {"objects_without_a_directory_record": totals.without_entry}


def _state_recall(totals: ReleaseTotals) -> dict[str, object]:
    """Return the recall of a benchmark, and to how many objects of the release it applies."""
    return {
        "objects_whose_pixels_were_read": totals.with_pixel_stage,
        "measured_on": "generated objects of a benchmark, not on this release",
        **asdict(BURNED_IN_TEXT),
    }


def _list_limits(facts: ReleaseFacts) -> list[str]:
    """Return the sentences about what the release does not promise."""
    level = find_date_level(facts.assessment.levels)
    limits = list(_FIRST_LIMITS)
    if level == 0:
        limits.append(_INTERVALS.format(values="dates, and between the times,"))
    else:
        if level < len(_BANDS):
            limits.append(_COARSE_DATES.format(band=_BANDS[level]))
        limits.append(_INTERVALS.format(values="times of day"))
    if facts.written.dates.precisions:
        limits.append(_REDUCED_DATES)
    return [*limits, *_LAST_LIMITS]


def _state_pseudonyms(facts: ReleaseFacts) -> dict[str, object]:
    """Return the namespace, the precision of dates and the ranges of the shifts."""
    options, written = facts.options, facts.written.dates
    seconds = MAX_SHIFT_MICROSECONDS // 1_000_000
    level = find_date_level(facts.assessment.levels)
    removed = level >= len(_BANDS)
    return {
        "namespace": f"recipient/{options.recipient}",
        "date_precision": "removed" if removed else _BANDS[level],
        "date_precision_by_rules": {selector: to for selector, to in sorted(written.precisions)},
        "dates_written_by_rules": sorted(written.literals),
        "dates_written_under_a_condition_and_removed": sorted(written.conditional),
        "texts_written_by_rules": facts.written.texts.list_selectors(),
        "date_shift_days": None if removed else list(DEFAULT_SHIFT_RANGE),
        "time_shift_seconds": [-seconds, seconds],
        "private_elements": "kept" if options.keep_private else "removed",
    }


def _state_risk(facts: ReleaseFacts) -> dict[str, object]:
    """Return the disclosure risk before and after."""
    options, assessment = facts.options, facts.assessment
    return {
        "unit": "patient",
        "quasi_identifiers": list(options.quasi_identifiers),
        "sensitive": options.sensitive,
        "k_requested": options.k,
        "levels": dict(assessment.levels),
        "generalisation": {
            column: describe_level(column, level) for column, level in assessment.levels.items()
        },
        "information_loss": round(assessment.precision_loss, 4),
        "patients_held_back": assessment.held,
        "patients_released_in_part": len(assessment.parts),
        "patients_with_a_sensitive_value": sum(
            count
            for patients in assessment.classes.values()
            for value, count in patients.items()
            if value
        ),
        "before": asdict(assessment.before),
        "after": asdict(assessment.after),
        "classes_by_size": {str(k): n for k, n in assessment.class_sizes.items()},
        "population": asdict(facts.population),
    }
