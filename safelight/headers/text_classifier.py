"""Class a metadata field PHI or not, by table, by form and by what was found in its text.

The tables of the standard speak first: what PS3.15 Table E.1-1 protects is PHI whatever it
holds. Free text is read by rules and model. Structured values (codes, numbers, coded
strings) are judged by table and form only: a model that reads them does harm. Where a table
calls an attribute technical or safe, only a confident finding says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydicom.datadict import keyword_for_tag

from safelight.dicom.encoding import CHARACTER_SET_VRS
from safelight.headers.descriptions import CONFIDENT, trim_finding, without_terms, words_of
from safelight.records import Span
from safelight.standard.attribute_categories import (
    is_code_attribute,
    is_identifying_attribute,
    is_technical_attribute,
)
from safelight.standard.confidentiality import find_row
from safelight.standard.options import Option
from safelight.standard.private_elements import find_safe_element
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import given_names, is_known_name, is_word
from safelight.text.span_merging import select_identifying

#: What is enough of a guess in set terms where its words are no words.
LIKELY = 0.5
#: What it must reach where a word looks like a part of a term, and how long that must be.
SURE = 0.95
SURE_LETTERS = 6
#: How long a word that is none has to be to be no abbreviation in a coded string.
NAME_LETTERS = 5

#: Value representations whose values are text that somebody may have typed.
TEXT_VRS = CHARACTER_SET_VRS | {"AE", "UN"}

_BY_VR = {"PN": "NAME", "DA": "DATE", "DT": "DATE", "TM": "DATE", "AS": "AGE", "UI": "ID"}
_BY_KEYWORD = (
    (re.compile("Telephone|Telecom|EMail"), "CONTACT"),
    (re.compile("Address|Institution|Country|Region|Location|Department"), "LOCATION"),
    (re.compile("Occupation"), "PROFESSION"),
    (re.compile("Name$|Physician|Operator|Performer"), "NAME"),
    (re.compile("Date|Time"), "DATE"),
)
_DATE = re.compile(r"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_WORD = re.compile(r"[^\W\d_]{2,}")
_CODE_FORM = re.compile(r"[A-Z0-9_ ]{0,16}")

#: Numbers and places stand in set terms by right: serial numbers, versions, makers.
_NOT_IN_SET_TERMS = frozenset({"ID", "LOCATION", "DATE", "AGE", "PROFESSION"})
#: But these are nothing else.
_NEVER_IN_SET_TERMS = frozenset({"SSN", "MRN", "ACCESSION", "ACCOUNT", "PLAN", "STREET", "DOB"})
#: Dotted versions look like addresses of machines, and like telephone numbers.
_FINE_IN_SET_TERMS = frozenset({"IP", "URL"})
_PHONE = re.compile(r"\(\d{2,5}\)|\+\d|\d{3}[- ]\d{3}[- ]\d{4}")
#: What joins a word to a term, as in an address or a version; and what may do so to a name.
_GLUE = re.compile(r"[\d_/.:]")
_LOOSE_GLUE = re.compile(r"[_/]")
#: What may stand between the words of a name.
_APART = re.compile(r"[\s,.^'-]+")
#: Words that institutions call themselves by, and makers of devices do not.
INSTITUTION = re.compile(
    r"hospital|clinic|klini|infirmary|krankenhaus|h.pital|universit|hospice|medical cent(?:er|re)|"
    r"health (?:system|service|trust)|(?:radiology|imaging) (?:group|associates|partners|cent)",
    re.IGNORECASE,
)
_WORD_BEFORE = re.compile(r"([^\W\d_]+)\.?\s*$")


@dataclass(frozen=True)
class Field:
    """One element; ``creator`` is the private creator, or empty. HOLDS AN ORIGINAL VALUE."""

    tag: int
    vr: str
    value: str
    creator: str = ""


@dataclass(frozen=True)
class FieldClassification:
    """The class of a field.

    Attributes
    ----------
    phi : bool
    entity : str
        Coarse entity, empty when not PHI.
    score : float
        1 where a table or rule decides; what the model says otherwise.
    source : str
        ``table``, ``form``, or the engine of the finding that decided.
    """

    phi: bool
    entity: str = ""
    score: float = 1.0
    source: str = "table"


def classify(field: Field, spans: Sequence[Span]) -> FieldClassification:
    """Class one field.

    Parameters
    ----------
    field : Field
    spans : sequence of Span
        What rules and model find in its value, if :func:`is_read` says that they may.
    """
    known = class_by_table(field)
    if known is not None:
        return known
    if is_read(field.tag, field.vr, field.value):
        set_terms = has_set_terms(field.tag, field.creator) or field.vr == "CS"
        return _by_content(field, spans, set_terms)
    return _by_form(field)


def class_by_table(field: Field) -> FieldClassification | None:
    """What the tables say; ``None`` where they are silent or leave it to the content."""
    if field.tag >> 16 & 1:
        return None
    row = find_row(field.tag)
    if is_identifying_attribute(field.tag):
        return FieldClassification(True, _entity(field))
    if row is None or Option.CLEAN_DESCRIPTORS in row.options:
        return None
    return FieldClassification(True, _entity(field))


def is_read(tag: int, vr: str, value: str) -> bool:
    """Whether rules and model read a value: text, but no code, number or coded string.

    A coded string is read only where it has not the form of one: small letters or marks, two
    words that are none of the language, or one that is too long for an abbreviation.
    """
    if not value.strip() or is_code_attribute(tag):
        return False
    if vr == "CS":
        words = _WORD.findall(fold_text(value))
        strange = [word for word in words if not is_word(word)]
        unlike = len(strange) > 1 or max(map(len, strange), default=0) >= NAME_LETTERS
        return bool(strange) and (unlike or not _CODE_FORM.fullmatch(value.strip()))
    return vr in TEXT_VRS


def has_set_terms(tag: int, creator: str = "") -> bool:
    """Whether a table says that an attribute's text is set terms of equipment and method."""
    if tag >> 16 & 1:
        return find_safe_element(creator, tag >> 16, tag & 0xFF) is not None
    return is_technical_attribute(tag)


def filter_findings(value: str, vr: str, spans: Sequence[Span], set_terms: bool) -> list[Span]:
    """The findings that make a value PHI.

    Parameters
    ----------
    value : str
    vr : str
    spans : sequence of Span
        What rules and model found in it.
    set_terms : bool
        Whether the attribute holds set terms, so that only a confident finding counts.
    """
    spans = [told for span in spans if (told := without_terms(value, span)) is not None]
    if set_terms:
        return [span for span in _joined(value, select_identifying(spans)) if _is_phi(value, span)]
    if vr in ("LO", "SH"):
        return [told for span in spans if (told := trim_finding(value, span)) is not None]
    return list(spans)


def _joined(value: str, spans: Sequence[Span]) -> list[Span]:
    """The findings, with names side by side made one: first name and surname tell together."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: span.begin):
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.entity == span.entity == "NAME"
            and _APART.fullmatch(value, last.end, span.begin)
        ):
            best = max(last, span, key=lambda one: one.confidence)
            joined[-1] = replace(best, begin=last.begin, end=span.end)
        else:
            joined.append(span)
    return joined


def _names_a_maker(value: str) -> bool:
    """Whether a value is a maker of devices, and words: ``ABBOTT``, ``Zimmer Biomet, Inc.``."""
    words = _WORD.findall(fold_text(value))
    makers = [word in word_set("device_makers.surname") for word in words]
    return any(makers) and all(
        maker or (is_word(word) and not is_known_name(word)) for word, maker in zip(words, makers)
    )


def _is_phi(value: str, span: Span) -> bool:
    """Whether a finding counts against set terms."""
    written = value[span.begin : span.end]
    if span.subtype in _NEVER_IN_SET_TERMS:
        return True
    if span.entity == "LOCATION" and INSTITUTION.search(written):
        return True
    if span.entity in _NOT_IN_SET_TERMS or span.subtype in _FINE_IN_SET_TERMS:
        return False
    if span.entity == "CONTACT":
        return "@" in written or _PHONE.search(written) is not None
    title = _WORD_BEFORE.search(fold_text(value[: span.begin]))
    if title and title[1] in word_set("titles.kept") and written[:1].isupper():
        return True
    words = words_of(value, span)
    strange = [word for word in words if not is_word(word) or word in given_names()]
    if words and _names_a_maker(value):
        return False
    if len(words) > 1 and not _APART.sub("", written).isalpha():
        return False  # joined by underscores or digits: a term of its own
    if len(words) > 1 and strange and span.confidence >= LIKELY:
        # Two words side by side that are none of the language: what else would they be?
        return len(strange) == len(words) or span.confidence >= CONFIDENT
    around = value[max(0, span.begin - 1) : span.begin] + value[span.end : span.end + 1]
    # a list of surnames is sure of its words; the model only of long ones
    long = bool(strange) and len(strange[0]) >= SURE_LETTERS
    if span.engine == "gazetteer" or (span.confidence >= SURE and long):
        around = _LOOSE_GLUE.sub("", around)
    return (
        span.confidence >= CONFIDENT
        and bool(strange)
        and (len(strange[0]) > 3 or span.engine == "key")
        and (written.istitle() or written.isupper() or value[: span.begin].endswith("="))
        and not _GLUE.search(around)
    )


def _entity(field: Field) -> str:
    if field.vr in _BY_VR:
        return _BY_VR[field.vr]
    keyword = keyword_for_tag(field.tag)
    return next((entity for words, entity in _BY_KEYWORD if words.search(keyword)), "ID")


def _by_form(field: Field) -> FieldClassification:
    """Values of structured VRs that no table lists: dates are PHI, and ages over 89."""
    value = field.value.strip()
    if field.vr in ("DA", "DT") and _DATE.match(value):
        return FieldClassification(True, "DATE", 1.0, "form")
    if field.vr == "AS" and value[:3].isdigit() and value.endswith("Y") and int(value[:3]) > 89:
        return FieldClassification(True, "AGE", 1.0, "form")
    return FieldClassification(False, "", 1.0, "form")


def _by_content(field: Field, spans: Sequence[Span], set_terms: bool) -> FieldClassification:
    found = filter_findings(field.value, field.vr, select_identifying(spans), set_terms)
    if not found:
        return FieldClassification(False, "", 1.0, "model")
    best = max(found, key=lambda span: (span.confidence, span.end - span.begin))
    return FieldClassification(True, best.entity, best.confidence, best.engine)
