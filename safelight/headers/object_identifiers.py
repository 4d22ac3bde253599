"""What an object is stored and found by: its class, and its new study, series and instance."""

from __future__ import annotations

import re
from collections.abc import Iterator

from safelight.dicom.dictionary import keyword_of
from safelight.dicom.encoding import location
from safelight.dicom.parser import ParsedObject
from safelight.headers.new_values import replace_uid
from safelight.headers.patient_identity import (
    PATIENT_ID,
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
    Subject,
    stand_in,
)
from safelight.pseudonyms import Pseudonyms
from safelight.records import Action, Reason, Refusal
from safelight.rules import Operation
from safelight.rules.compiled_rules import RulesByTag

SOP_CLASS_UID = 0x00080016
SERIES_INSTANCE_UID = 0x0020000E

_UID = re.compile(r"[0-9]+(?:\.[0-9]+){1,63}")


def sop_class_of(parsed: ParsedObject) -> str:
    """SOP Class UID of the data set, else of the file meta.

    Raises
    ------
    Refusal
        If neither has one.
    """
    uid = parsed.text(SOP_CLASS_UID)
    uid = uid or parsed.meta.get(0x00020002, b"").decode("latin-1").strip("\0 ")
    if not _UID.fullmatch(uid):
        raise Refusal(
            Reason.MISSING_IDENTIFIER,
            "(0008,0016) SOP Class UID is missing or no UID, so no rule can be chosen; correct it "
            "at the source",
        )
    return uid


def new_uids(
    parsed: ParsedObject, rules: RulesByTag, pseudonyms: Pseudonyms
) -> tuple[dict[int, str], list[int]]:
    """The new study, series and instance UIDs, and which of them the source lacks.

    An object without one gets one of its own, so that it can be stored and found.

    Raises
    ------
    Refusal
        If the rules keep what is no UID.
    """
    uids: dict[int, str] = {}
    missing: list[int] = []
    for tag in (STUDY_INSTANCE_UID, SERIES_INSTANCE_UID, SOP_INSTANCE_UID):
        original = parsed.text(tag)
        if not original:
            missing.append(tag)
            own = stand_in(parsed).hex()
            uids[tag] = pseudonyms.uid(f"missing {tag:08X} {own}")
        elif rules[tag].operation is Operation.KEEP:
            if not _UID.fullmatch(original):
                raise Refusal(
                    Reason.MALFORMED,
                    f"{location('', tag)} is no UID and the rules keep it; correct it at the "
                    "source",
                )
            uids[tag] = original
        else:
            uids[tag] = replace_uid(original, pseudonyms)
    return uids, missing


def stand_ins(subject: Subject, missing: list[int]) -> Iterator[Action]:
    """Audit rows for identifiers that the source lacks."""
    if subject.stands_in:
        yield Action(
            location("", PATIENT_ID), "PatientID", "LO", "tokenised", "patient identity",
            "no Patient ID: the Study Instance UID stands in",
        )  # fmt: skip
    for tag in missing:
        yield Action(
            location("", tag), keyword_of(tag), "UI", "inserted", "missing identifier",
            "missing in the source: one was made for this object alone",
        )  # fmt: skip
