"""State what a release is, what was done to it, and what it does not promise."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from jobs.common.export.measured_recall import BURNED_IN_TEXT
from jobs.common.export.recipient_copying import ReleasedObject
from jobs.common.export.recipient_options import RecipientOptions
from jobs.common.export.release_risk import PopulationRisk, RiskAssessment
from safelight.pseudonyms import DEFAULT_SHIFT_RANGE
from safelight.releases.time_shift import MAX_SHIFT_MICROSECONDS
from safelight.standard.options import METHOD_MEANINGS
from safelight.version import VERSION

#: Name of the statement in the folder of a release.
STATEMENT_NAME = "statement.json"

_LIMITS = (
    "Pixel data keep their bytes. Whoever has another copy of the same pixels can link it to this "
    "release, whatever the identifiers are.",
    "Technical values of an examination (positions of slices, exposure, dose, sizes of fields) are "
    "kept. Like pixels, they can be equal in another copy of the same examination only.",
    "Faces in CT and MR of the head, teeth, and chest radiographs can be matched with other images "
    "of the same person.",
    "Intervals between the dates, and between the times, of one patient are kept. A sequence of "
    "intervals that only one patient has can be linked.",
    "Text in structured reports and encapsulated documents is the text of the first pass.",
    "k-anonymity covers the listed quasi-identifiers only.",
    "This statement is not an Expert Determination under 45 CFR 164.514(b)(1). Pseudonymised data "
    "are personal data under the GDPR.",
)

_WITHDRAWAL = (
    "`safelight withdraw` removes a patient from the tables and from all later releases. The "
    "recipient is told the pseudonyms of this release and deletes these objects."
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
    """

    name: str
    options: RecipientOptions
    assessment: RiskAssessment
    population: PopulationRisk
    refused: Mapping[str, int]
    unverified: Mapping[str, int]


def make_statement(
    facts: ReleaseFacts, objects: Sequence[ReleasedObject], manifest_sha256: str
) -> str:
    """Return the statement of a release as JSON.

    Parameters
    ----------
    facts : ReleaseFacts
        Decisions and counts of the release.
    objects : sequence of ReleasedObject
        Objects of the release.
    manifest_sha256 : str
        SHA-256 of the manifest.
    """
    options = facts.options
    codes = Counter(code for item in objects for code in set(item.method_codes))
    rules = {(item.selected.rules_name, item.selected.rules_hash) for item in objects}
    statement = {
        "release": facts.name,
        "recipient": options.recipient,
        "software_version": VERSION,
        "manifest_sha256": manifest_sha256,
        "objects": len(objects),
        "patients": len({item.patient for item in objects}),
        "rules": [{"name": rule, "hash": digest} for rule, digest in sorted(rules)],
        "methods": [
            {"code": code, "meaning": METHOD_MEANINGS.get(code, ""), "objects": count}
            for code, count in sorted(codes.items())
        ],
        "verification": _state_verification(facts, objects),
        "not_examined": _state_stages(facts, objects),
        "burned_in_text": asdict(BURNED_IN_TEXT),
        "pseudonyms": _state_pseudonyms(options),
        "disclosure_risk": _state_risk(facts),
        "withdrawal": _WITHDRAWAL,
        "limits": list(_LIMITS),
    }
    return json.dumps(statement, indent=2) + "\n"


def _state_verification(
    facts: ReleaseFacts, objects: Sequence[ReleasedObject]
) -> dict[str, object]:
    """Return the outcomes of the last verification of the released and the refused objects."""
    released = Counter(item.selected.verification for item in objects)
    return {
        "objects_by_outcome": dict(sorted(released.items())),
        "objects_refused_as_not_clean": dict(sorted(facts.unverified.items())),
    }


def _state_stages(facts: ReleaseFacts, objects: Sequence[ReleasedObject]) -> dict[str, object]:
    """Return what was not examined."""
    stages = Counter(item.selected.stages for item in objects)
    unread = sum(
        count for stage, count in stages.items() if "pixels" not in stage.replace(",", " ").split()
    )
    return {
        "objects_without_the_pixel_stage": unread,
        "objects_by_stages": dict(sorted(stages.items())),
        "objects_refused": dict(sorted(facts.refused.items())),
        **_state_directory(facts.options, objects),
    }


def _state_directory(
    options: RecipientOptions, objects: Sequence[ReleasedObject]
) -> dict[str, object]:
    """Return the number of objects that the DICOMDIR does not list, if there is one."""
    if not options.dicomdir:
        return {}
    return {"objects_without_a_directory_record": sum(item.entry is None for item in objects)}


def _state_pseudonyms(options: RecipientOptions) -> dict[str, object]:
    """Return the namespace and the ranges of the shifts."""
    seconds = MAX_SHIFT_MICROSECONDS // 1_000_000
    return {
        "namespace": f"recipient/{options.recipient}",
        "date_shift_days": list(DEFAULT_SHIFT_RANGE),
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
        "information_loss": round(assessment.precision_loss, 4),
        "patients_held_back": assessment.held,
        "before": asdict(assessment.before),
        "after": asdict(assessment.after),
        "classes_by_size": {str(k): n for k, n in assessment.class_sizes.items()},
        "population": asdict(facts.population),
    }
