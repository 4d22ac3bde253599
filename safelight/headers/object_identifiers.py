"""New UIDs of study, series and instance, and identifiers that the source object lacks."""

from __future__ import annotations

from collections.abc import Iterator

from pydicom.datadict import keyword_for_tag

from safelight.dicom.encoding import format_tag_path
from safelight.dicom.parser import ParsedObject, is_uid
from safelight.dicom.tags import (
    PATIENT_ID,
    SERIES_INSTANCE_UID,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
)
from safelight.headers.element_references import ReferenceReader
from safelight.headers.new_values import replace_uid
from safelight.headers.patient_identity import PatientContext, make_object_fingerprint
from safelight.pseudonyms import Pseudonyms
from safelight.records import Action, Reason, Refusal
from safelight.rules import AttributeRule, Operation
from safelight.rules.compiled_rules import RulesByTag

#: Audit row of an object whose data set lacks its SOP Class UID (PS3.3, section C.12.1).
SOP_CLASS_OF_FILE_META = Action(
    format_tag_path("", SOP_CLASS_UID), "SOPClassUID", "UI", "inserted", "missing identifier",
    "missing in the data set: taken from the File Meta Information",
)  # fmt: skip


def derive_uids(
    parsed: ParsedObject, rules: RulesByTag, pseudonyms: Pseudonyms
) -> tuple[dict[int, str], list[int]]:
    """Derive the UIDs of study, series and instance.

    A missing UID is derived from the object alone, so that the object can be stored.

    Parameters
    ----------
    parsed : ParsedObject
        The source object.
    rules : RulesByTag
        Rules of the top level, which may keep a UID.
    pseudonyms : Pseudonyms
        Derives the new UIDs.

    Returns
    -------
    uids : dict of int to str
        UID by tag.
    missing : list of int
        Tags of the UIDs that the source object lacks.

    Raises
    ------
    Refusal
        If the rules keep a value that is not a UID.
    """
    uids: dict[int, str] = {}
    missing: list[int] = []
    for tag in (STUDY_INSTANCE_UID, SERIES_INSTANCE_UID, SOP_INSTANCE_UID):
        original = parsed.text(tag)
        if not original:
            missing.append(tag)
            fingerprint = make_object_fingerprint(parsed).hex()
            uids[tag] = pseudonyms.uid(f"missing {tag:08X} {fingerprint}")
        elif _keeps(rules[tag], tag, parsed):
            if not is_uid(original):
                raise Refusal(
                    Reason.MALFORMED,
                    f"{format_tag_path('', tag)} is not a valid UID and the rules keep it; correct "
                    "it at the source",
                )
            uids[tag] = original
        else:
            uids[tag] = replace_uid(original, pseudonyms)
    return uids, missing


def _keeps(rule: AttributeRule, tag: int, parsed: ParsedObject) -> bool:
    """Return whether the rule for a UID keeps it in this object."""
    if rule.otherwise is not None:
        source = ReferenceReader(parsed)
        rule = rule.choose(lambda reference: source.read_beside(reference, tag))
    return rule.operation is Operation.KEEP


def missing_identifier_actions(patient: PatientContext, missing: list[int]) -> Iterator[Action]:
    """Yield the audit rows of identifiers that the source object lacks.

    Parameters
    ----------
    patient : PatientContext
        Patient of the object.
    missing : list of int
        Tags of the missing UIDs.

    Yields
    ------
    Action
    """
    if patient.identified_by_study:
        yield Action(
            format_tag_path("", PATIENT_ID), "PatientID", "LO", "tokenised", "patient identity",
            "no Patient ID: derived from the Study Instance UID",
        )  # fmt: skip
    for tag in missing:
        yield Action(
            format_tag_path("", tag), keyword_for_tag(tag), "UI", "inserted", "missing identifier",
            "missing in the source: derived for this object alone",
        )  # fmt: skip
