"""Whose name it is: the patient's, a clinician's or a relative's, as far as the text says so.

A title, a degree or a key beside one mention decides for all mentions of that surname in the
text. Where nothing says, the fine label stays empty, and the rule for NAME holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from safelight.records import Span
from safelight.text.lexicon.folding import fold_text

PATIENT, CLINICIAN, RELATIVE = "PATIENT", "CLINICIAN", "RELATIVE"

_REACH = 48
_RELATIVES = (
    r"wife|husband|spouse|partner|girlfriend|boyfriend|fianc[ée]e?|(?:grand|step|god)?(?:son|"
    r"daughter|mother|father|child|children|parents?)|mom|mum|dad|dtr|dght?r|brothers?|sisters?|"
    r"siblings?|kids|sons|daughters|aunt|uncle|niece|nephew|cousin|neighbou?r|roommates?|friend|"
    r"guardian|caregiver|next of kin|emergency contact|nok|interpreter|escort|landlord|"
    r"landlady|co-?worker|ex"
)
_CLINICIANS = (
    r"dr|drs|doctor|prof|professor|nurse|physician|surgeon|radiologist|pathologist|cardiologist|"
    r"anesthesiologist|hospitalist|resident|fellow|attending|attg|consultant|intern|technologist|"
    r"tech|sonographer|operator|assistant|asst|provider|therapist|pharmacist|counsell?or|"
    r"case (?:manager|mgr)|social worker|rn|lpn|np|pa|cna|md|pmd|pcp|gp|pgy-?\d|"
    r"(?:read|reported|dictated|signed|seen|performed|ordered|referred|reviewed|interpreted|"
    r"transcribed|typed|verified|approved|requested|examined|scanned|injected|supervised|placed|"
    r"collected|electronically) by|cc|ref(?:erring)?|ordering|requesting|reading|interp|"
    r"(?:staffed|discussed|spoke|d/w)(?: w(?:ith|/))?|paged|called to|notified|surgery by"
)
_BEFORE = (
    (RELATIVE, re.compile(
        rf"\b(?:{_RELATIVES})(?:['’]s name)?(?: is| named)?[\s,:(\-“\"]{{1,4}}"
        r"(?:(?:mr|mrs|ms)\.?\s)?\Z", re.I)),
    (CLINICIAN, re.compile(
        rf"\b(?:{_CLINICIANS})\b\.?(?:[ \t:,/(]{{0,4}}|[ ]?[:,]\s{{1,4}})(?:dr\.?\s)?\Z", re.I)),
    (PATIENT, re.compile(
        r"(?:\b(?:mr|mrs|ms|miss|mx|herr|frau|madame|monsieur|sra?|señora?)\b\.?\s{1,2}"
        r"|\b(?:patient|pt|paciente|patientin|name|nombre|nom|re|baby (?:boy|girl)|proband|"
        r"veteran)(?:['’]s name| name)?\b\s?[:=,]?\s{0,3}(?:is |named )?)\Z", re.I)),
)  # fmt: skip
_BEHIND = (
    (CLINICIAN, re.compile(
        r"\s?[,(]?\s?(?:M\.?D\b|D\.?O\.|DO\b|R\.?N\b|N\.?P\b|PA-?C?\b|Ph\.?D|LPN|LVN|CNA|LCSW|LMSW|"
        r"LMFT|PsyD|PSYD|RDMS|CRNA|PharmD|FACR|FRC[A-Z]|MBBS|ARNP|CRNP|APRN|DDS|DPM|RT\b)"
        r"|\s?\((?:attending|resident|fellow|radiolog|cardiolog|surg|ED\b|ortho|renal|IR\b)")),
    (PATIENT, re.compile(
        r"\s?[,(]{0,2}\s?(?:(?:a|age|aged|is an?)\s)?\d{1,3}[- ]?(?:y|M\b|F\b|years?)"
        r"|['’]?\s?[,(|]{0,2}\s{0,3}(?:DOB|d\.o\.b|born|MRN|mrn|geb|née?)\b")),
    (RELATIVE, re.compile(
        rf"\s?\((?:{_RELATIVES})\)|,\s(?:the )?(?:{_RELATIVES}) of\b", re.I)),
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]{2,}(?:[-'’][^\W\d_]+)*")


def _role(text: str, span: Span) -> str:
    before, behind = text[max(0, span.begin - _REACH) : span.begin], text[span.end : span.end + 24]
    for role, pattern in _BEFORE[:2]:
        if pattern.search(before):
            return role
    for role, pattern in (*_BEHIND, _BEFORE[2]):
        if pattern.match(behind) if (role, pattern) in _BEHIND else pattern.search(before):
            return role
    return PATIENT if "^" in text[span.begin : span.end] else ""


def _surname(value: str) -> str:
    """The part by which mentions are held to be of one person."""
    words = _WORD.findall(value)
    if not words:
        return ""
    first = "^" in value or "," in value
    return fold_text(words[0] if first else words[-1])


def assign_roles(text: str, spans: Iterable[Span]) -> list[Span]:
    """Spans with the fine label of each name filled in where the text tells it.

    Parameters
    ----------
    text : str
    spans : iterable of Span
        A fine label that is there already stays.
    """
    found = list(spans)
    roles = [
        span.subtype or _role(text, span) if span.entity == "NAME" else span.subtype
        for span in found
    ]
    told: dict[str, set[str]] = {}
    for span, role in zip(found, roles):
        if span.entity == "NAME" and role:
            told.setdefault(_surname(text[span.begin : span.end]), set()).add(role)
    for index, (span, role) in enumerate(zip(found, roles)):
        if span.entity == "NAME" and not role:
            same = told.get(_surname(text[span.begin : span.end]), set())
            roles[index] = next(iter(same)) if len(same) == 1 else ""
    return [
        span if span.subtype == role else replace(span, subtype=role)
        for span, role in zip(found, roles)
    ]
