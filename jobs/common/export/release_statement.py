"""State what a release is, what was done to it, and what it does not promise."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from jobs.common.export.measured_recall import BURNED_IN_TEXT
from jobs.common.export.recipient_copying import ReleasedObject
from jobs.common.export.recipient_options import RecipientOptions
from jobs.common.export.release_risk import RiskAssessment
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


def make_statement(
    name: str,
    options: RecipientOptions,
    assessment: RiskAssessment,
    objects: Sequence[ReleasedObject],
    rules: Sequence[tuple[str, str]],
    manifest_sha256: str,
    refused: Mapping[str, int],
) -> str:
    """Return the statement of a release as JSON.

    Parameters
    ----------
    name : str
        Name of the release.
    options : RecipientOptions
        Options of the release.
    assessment : RiskAssessment
        Risk before and after.
    objects : sequence of ReleasedObject
        Objects of the release.
    rules : sequence of tuple
        Name and hash of each rule set of the first pass.
    manifest_sha256 : str
        SHA-256 of the manifest.
    refused : mapping of str to int
        Number of objects that the second pass refused, by reason.
    """
    codes = Counter(code for item in objects for code in set(item.method_codes))
    stages = Counter(item.selected.stages for item in objects)
    unread = sum(
        count for stage, count in stages.items() if "pixels" not in stage.replace(",", " ").split()
    )
    statement = {
        "release": name,
        "recipient": options.recipient,
        "software_version": VERSION,
        "manifest_sha256": manifest_sha256,
        "objects": len(objects),
        "patients": len({item.patient for item in objects}),
        "rules": [{"name": rule, "hash": digest} for rule, digest in rules],
        "methods": [
            {"code": code, "meaning": METHOD_MEANINGS.get(code, ""), "objects": count}
            for code, count in sorted(codes.items())
        ],
        "not_examined": {
            "objects_without_the_pixel_stage": unread,
            "objects_by_stages": dict(sorted(stages.items())),
            "objects_refused": dict(sorted(refused.items())),
        },
        "burned_in_text": asdict(BURNED_IN_TEXT),
        "pseudonyms": {
            "namespace": f"recipient/{options.recipient}",
            "date_shift_days": list(DEFAULT_SHIFT_RANGE),
            "time_shift_seconds": [
                -MAX_SHIFT_MICROSECONDS // 1_000_000,
                MAX_SHIFT_MICROSECONDS // 1_000_000,
            ],
            "private_elements": "kept" if options.keep_private else "removed",
        },
        "disclosure_risk": {
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
        },
        "withdrawal": _WITHDRAWAL,
        "limits": list(_LIMITS),
    }
    return json.dumps(statement, indent=2) + "\n"
