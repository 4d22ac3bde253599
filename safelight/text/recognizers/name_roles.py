"""Assign roles to names: patient, clinician or relative, if the text has evidence of it.

A title, a degree or a label next to one mention decides for all mentions of that surname in the
text. Without evidence the subtype stays empty, and the rule for NAME applies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from safelight.named_rules import RuleList, rule_if
from safelight.records import Span
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import expand_lists

PATIENT, CLINICIAN, RELATIVE = "PATIENT", "CLINICIAN", "RELATIVE"

#: Characters before and after a name in which evidence is looked for.
_CHARACTERS_BEFORE, _CHARACTERS_AFTER = 48, 24

_RELATIVE = r"(?:<list:relatives.relative>|(?:grand|step|god)?<list:relatives.generation>)"
_CLINICIAN = (
    r"(?:<list:clinicians.role>|pgy-?\d|<list:clinicians.action> by|"
    r"<list:clinicians.meeting>(?: w(?:ith|/))?)"
)


def _compile(pattern: str, flags: int = re.IGNORECASE) -> re.Pattern[str]:
    """Return a compiled expression with its word lists."""
    return re.compile(expand_lists(pattern), flags)


_RELATIVE_BEFORE = _compile(
    rf"\b{_RELATIVE}(?:['’]s name)?(?: is| named)?[\s,:(\-“\"]{{1,4}}(?:(?:mr|mrs|ms)\.?\s)?\Z"
)
_CLINICIAN_BEFORE = _compile(
    rf"\b{_CLINICIAN}\b\.?(?:[ \t:,/(]{{0,4}}|[ ]?[:,]\s{{1,4}})(?:dr\.?\s)?\Z"
)
_PATIENT_BEFORE = _compile(
    r"(?:\b<list:titles.patient>\b\.?\s{1,2}"
    r"|\b(?:patient|pt|paciente|patientin|name|nombre|nom|re|baby (?:boy|girl)|proband|"
    r"veteran)(?:['’]s name| name)?\b\s?[:=,]?\s{0,3}(?:is |named )?)\Z"
)
#: Degrees and services of clinicians; lower case does not match.
_CLINICIAN_AFTER = _compile(
    r"\s?[,(]?\s?(?:M\.?D\b|D\.?O\.|DO\b|R\.?N\b|N\.?P\b|PA-?C?\b|Ph\.?D|LPN|LVN|CNA|LCSW|LMSW|"
    r"LMFT|PsyD|PSYD|RDMS|CRNA|PharmD|FACR|FRC[A-Z]|MBBS|ARNP|CRNP|APRN|DDS|DPM|RT\b)"
    r"|\s?\((?:attending|resident|fellow|radiolog|cardiolog|surg|ED\b|ortho|renal|IR\b)",
    0,
)
#: Age, birth or record number of a patient; lower case and upper case differ.
_PATIENT_AFTER = _compile(
    r"\s?[,(]{0,2}\s?(?:(?:a|age|aged|is an?)\s)?\d{1,3}[- ]?(?:y|M\b|F\b|years?)"
    r"|['’]?\s?[,(|]{0,2}\s{0,3}(?:DOB|d\.o\.b|born|MRN|mrn|geb|née?)\b",
    0,
)
_RELATIVE_AFTER = _compile(rf"\s?\({_RELATIVE}\)|,\s(?:the )?{_RELATIVE} of\b")
_NAME_WORD = re.compile(r"[^\W\d_]{2,}(?:[-'’][^\W\d_]+)*")

#: Rules over the text before a name, the text after it, and the name.
_ROLE_RULES = RuleList[[str, str, str], str](
    "text.role_of_name",
    rule_if("relative_before", lambda before, *_: _RELATIVE_BEFORE.search(before), RELATIVE),
    rule_if("clinician_before", lambda before, *_: _CLINICIAN_BEFORE.search(before), CLINICIAN),
    rule_if("clinician_after", lambda _, after, __: _CLINICIAN_AFTER.match(after), CLINICIAN),
    rule_if("patient_after", lambda _, after, __: _PATIENT_AFTER.match(after), PATIENT),
    rule_if("relative_after", lambda _, after, __: _RELATIVE_AFTER.match(after), RELATIVE),
    rule_if("patient_before", lambda before, *_: _PATIENT_BEFORE.search(before), PATIENT),
    rule_if("carets", lambda _, __, name: "^" in name, PATIENT),
    default="",
)


def assign_roles(text: str, spans: Iterable[Span]) -> list[Span]:
    """Return the spans with the role of each name as its subtype, if the text has evidence.

    Parameters
    ----------
    text : str
        Whole text.
    spans : iterable of Span
        A subtype that is already set stays.
    """
    found = list(spans)
    roles = [
        span.subtype or _role(text, span) if span.entity == "NAME" else span.subtype
        for span in found
    ]
    known: dict[str, set[str]] = {}
    for span, role in zip(found, roles, strict=True):
        if span.entity == "NAME" and role:
            known.setdefault(_surname(text[span.begin : span.end]), set()).add(role)
    for index, span in enumerate(found):
        if span.entity == "NAME" and not roles[index]:
            same = known.get(_surname(text[span.begin : span.end]), set())
            roles[index] = next(iter(same)) if len(same) == 1 else ""
    return [
        span if span.subtype == role else replace(span, subtype=role)
        for span, role in zip(found, roles, strict=True)
    ]


def _role(text: str, span: Span) -> str:
    """Return the role of a name by the text around it; empty without evidence."""
    before = text[max(0, span.begin - _CHARACTERS_BEFORE) : span.begin]
    after = text[span.end : span.end + _CHARACTERS_AFTER]
    return _ROLE_RULES(before, after, text[span.begin : span.end])


def _surname(value: str) -> str:
    """Return the folded word by which two mentions are taken for the same person."""
    words = _NAME_WORD.findall(value)
    if not words:
        return ""
    is_surname_first = "^" in value or "," in value
    return fold_text(words[0] if is_surname_first else words[-1])
