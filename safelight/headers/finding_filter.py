"""Select the findings of patterns and of the text model that make a value PHI.

Patterns and the text model read free text, but neither codes nor numbers, because they make errors
there. In an attribute that a table calls technical or safe, only a finding with high confidence
counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from safelight.dicom.encoding import CHARACTER_SET_VRS
from safelight.headers.descriptions.caret_names import trim_caret_name
from safelight.headers.descriptions.eponyms import is_eponym_in_any_case
from safelight.headers.descriptions.institutions import INSTITUTION, trim_institution
from safelight.headers.descriptions.names import (
    extend_name,
    find_institutions,
    find_names_by_place,
)
from safelight.headers.descriptions.terms import is_description, tokenize_span
from safelight.headers.descriptions.trimming import (
    HIGH_CONFIDENCE,
    consists_of_terms,
    is_eponym_of_term,
    trim_beside_full_name,
    trim_finding,
    trim_joined_unit,
)
from safelight.headers.descriptions.unspaced_scripts import find_unread_runs
from safelight.headers.technical_findings import drop_technical_findings
from safelight.named_rules import Rule, RuleList, rule_if
from safelight.records import Span
from safelight.standard.attribute_categories import is_code_attribute
from safelight.text.dates.parsing import parse_date_text
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.phrases import starts_with_vendor
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import given_names, is_known_name, is_word
from safelight.text.span_merging import select_identifying

#: Confidence from which two or more unknown words in technical text are a name.
_UNKNOWN_WORDS_MIN_CONFIDENCE = 0.5
#: Confidence and number of letters from which a word counts as a name although it is joined to a
#: term by a slash or an underscore.
_JOINED_NAME_MIN_CONFIDENCE = 0.95
_JOINED_NAME_MIN_LETTERS = 6
#: Minimum number of letters of one name; shorter words are abbreviations, except after a label.
_NAME_MIN_LETTERS = 4
#: Number of letters from which an unknown word in a coded string is not an abbreviation.
_CODED_STRING_NAME_MIN_LETTERS = 5

#: Number beside a word that identifies, and is not a part of a code.
_LONG_NUMBER = re.compile(r"\d(?:[ ().-]{0,2}\d){5}")
#: The same, or any digit in a coded string that does not have the format of one, as in a date.
_NUMBER_IN_TEXT = re.compile(rf"{_LONG_NUMBER.pattern}|\A(?=.*[0-9])(?=.*[^A-Z0-9_ ])", re.DOTALL)

#: VRs whose values may be typed text.
_TEXT_VRS = CHARACTER_SET_VRS | {"AE", "UN"}

_WORD = re.compile(r"[^\W\d_]{2,}")
_CODE_FORMAT = re.compile(r"[A-Z0-9_ ]{0,16}")

#: Entities that occur in technical text: serial numbers, versions, places of manufacturers.
_TECHNICAL_ENTITIES = frozenset({"ID", "LOCATION", "DATE", "AGE", "PROFESSION"})
#: Subtypes that are PHI in technical text too.
_PHI_SUBTYPES = frozenset({"SSN", "MRN", "ACCESSION", "ACCOUNT", "PLAN", "STREET", "DOB"})
#: Subtypes for which dotted versions are mistaken.
_VERSION_SUBTYPES = frozenset({"IP", "URL"})
#: Characters from which dotted numbers are the UID of an object and not a version.
_UID_MIN_CHARACTERS = 16
_PHONE = re.compile(r"\(\d{2,5}\)|\+\d|\d{3}[-. ]\d{3}[-. ]\d{4}|(?<!\d)0\d(?: \d\d){4}(?!\d)")
_PHONE_LABEL_BEFORE = re.compile(
    r"(?<![^\W\d_])(?:(?:tel|phone|fax|mobile|тел)\w{0,6}|call)[.:]{0,2} ?$"
)
_IP_ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
#: Parts of an IP address that a version rarely has: three digits.
_LONG_IP_PART = re.compile(r"(?<!\d)[12]\d\d(?!\d)")
_IP_MIN_LONG_PARTS = 2
#: Year, or a month in letters: a date of one of these formats is not a version.
_YEAR_OR_MONTH = re.compile(r"(?:19|20)\d\d|[^\W\d_]{3}")
#: Characters that join a word to a term, as in a URL or a version.
_JOINING = re.compile(r"[\d_/.:]")
#: Characters that may also join a name to a term.
_NAME_JOINING = re.compile(r"[_/]")
#: Characters between the words of a name.
_NAME_SEPARATORS = re.compile(r"[\s,.^'-]+")
_WORD_BEFORE = re.compile(r"([^\W\d_]+)\.?\s*$")


def is_annotated(tag: int, vr: str, value: str) -> bool:
    """Return whether patterns and the text model read a value.

    They read text, but neither codes nor numbers. A code that has several words is a text. They
    read a coded string only if it does not have the format of one: if it has lower case letters or
    punctuation, several unknown words, an unknown word that is too long for an abbreviation, or a
    long number.

    Parameters
    ----------
    tag : int
        Tag of the element.
    vr : str
        Value representation.
    value : str
        One value.

    Returns
    -------
    bool
    """
    if not value.strip() or (is_code_attribute(tag) and not _is_phrase(value)):
        return False
    if vr != "CS":
        return vr in _TEXT_VRS
    unknown = [word for word in _WORD.findall(fold_text(value)) if not is_word(word)]
    if not unknown:
        return _NUMBER_IN_TEXT.search(value) is not None
    longest = max(map(len, unknown))
    return (
        len(unknown) > 1
        or longest >= _CODED_STRING_NAME_MIN_LETTERS
        or not _CODE_FORMAT.fullmatch(value.strip())
    )


def _is_phrase(value: str) -> bool:
    """Return whether a value has several words between blanks, or a word and a long number."""
    parts = value.split()
    if len(parts) < 2:
        return False
    words = sum(_WORD.search(part) is not None for part in parts)
    return words > 1 or (words > 0 and _LONG_NUMBER.search(value) is not None)


def filter_findings(
    value: str, vr: str, spans: Sequence[Span], is_technical: bool, is_product: bool = False
) -> list[Span]:
    """Return the findings that make a value PHI.

    Parameters
    ----------
    value : str
        One value.
    vr : str
        Value representation.
    spans : sequence of Span
        Findings of patterns and of the text model in the value.
    is_technical : bool
        True if the attribute holds technical text, so that only a finding with high confidence
        counts.
    is_product : bool
        True if the attribute names a product or its version, which may have the date of its
        release.

    Returns
    -------
    list of Span
    """
    by_place = [
        extend_name(value, name)
        for name in find_names_by_place(value)
        if not any(_overlaps(name, span) for span in spans if span.entity != "NAME")
    ]
    if not is_product:
        by_place += find_unread_runs(value)
    rest = [
        span
        for span in [*drop_technical_findings(value, spans), *find_institutions(value)]
        if not is_eponym_in_any_case(value, span)
    ]
    trimmed = (
        trim_institution(value, trim_beside_full_name(value, trim_joined_unit(value, span)))
        for span in rest
    )
    found = [kept for span in trimmed if (kept := trim_caret_name(value, span)) is not None]
    if is_technical:
        found = _select_in_technical_text(value, found, is_product)
        return [*by_place, *(extend_name(value, span) for span in found)]
    found = [
        span
        for span in found
        if not (is_eponym_of_term(value, span) or consists_of_terms(value, span))
    ]
    if vr in ("LO", "SH") or is_description(value):
        found = [kept for span in found if (kept := trim_finding(value, span)) is not None]
    found = drop_technical_findings(value, found)
    return [*by_place, *(extend_name(value, span) for span in found)]


def _select_in_technical_text(value: str, spans: list[Span], is_product: bool) -> list[Span]:
    """Return the findings that are PHI in technical text.

    The date beside a person or a number of a patient is not the release date of a product.
    """
    joined = _join_names(value, select_identifying(spans))
    found = [span for span in joined if _is_phi(_SpanFeatures(value, span, is_product))]
    if found and is_product:
        return [
            span for span in joined if span in found or _is_full_date(_SpanFeatures(value, span))
        ]
    return found


def _overlaps(one: Span, other: Span) -> bool:
    return one.begin < other.end and other.begin < one.end


def _join_names(value: str, spans: Sequence[Span]) -> list[Span]:
    """Return the findings; adjacent names become one, because together they count more."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: span.begin):
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.entity == span.entity == "NAME"
            and _NAME_SEPARATORS.fullmatch(value, last.end, span.begin)
        ):
            best = max(last, span, key=lambda one: one.confidence)
            joined[-1] = replace(best, begin=last.begin, end=span.end)
        else:
            joined.append(span)
    return joined


# ---------------------------------------------------------------------- findings in technical text


@dataclass(frozen=True)
class _SpanFeatures:
    """Features of a finding in technical text, which the rules read."""

    value: str
    span: Span
    is_product: bool = False

    @cached_property
    def text(self) -> str:
        return self.value[self.span.begin : self.span.end]

    @cached_property
    def words(self) -> list[str]:
        return tokenize_span(self.value, self.span)

    @cached_property
    def unknown_words(self) -> list[str]:
        """Words that are not in the dictionary, or that are given names."""
        names = given_names()
        return [word for word in self.words if not is_word(word) or word in names]


def _is_institution(finding: _SpanFeatures) -> bool:
    return finding.span.entity == "LOCATION" and INSTITUTION.search(finding.text) is not None


def _is_uid(finding: _SpanFeatures) -> bool:
    return finding.span.subtype == "UID" and len(finding.text) >= _UID_MIN_CHARACTERS


def _is_usual_in_technical_text(finding: _SpanFeatures) -> bool:
    span = finding.span
    return span.entity in _TECHNICAL_ENTITIES or span.subtype in _VERSION_SUBTYPES


def _is_full_date(finding: _SpanFeatures) -> bool:
    """Return whether a finding is a day of a year, and not a release date of a product."""
    text = finding.text
    if finding.span.entity != "DATE" or finding.is_product or not _YEAR_OR_MONTH.search(text):
        return False
    date = parse_date_text(text)
    return date is not None and bool(date.year and date.month and date.day)


def _is_address_of_computer(finding: _SpanFeatures) -> bool:
    """Return whether a finding has an IP address; most versions have shorter parts."""
    has_ip = finding.span.subtype == "IP" or _IP_ADDRESS.search(finding.text) is not None
    has_long_parts = len(_LONG_IP_PART.findall(finding.text)) >= _IP_MIN_LONG_PARTS
    return has_ip and has_long_parts and not finding.is_product


def _decide_contact(finding: _SpanFeatures) -> bool | None:
    """Accept an e-mail address and a phone number; reject a version that looks like a contact."""
    if finding.span.entity != "CONTACT":
        return None
    if "@" in finding.text or _PHONE.search(finding.text):
        return True
    before = fold_text(finding.value[: finding.span.begin])
    return _PHONE_LABEL_BEFORE.search(before) is not None


def _follows_title(finding: _SpanFeatures) -> bool:
    before = _WORD_BEFORE.search(fold_text(finding.value[: finding.span.begin]))
    return (
        before is not None and before[1] in word_set("titles.kept") and finding.text[:1].isupper()
    )


def _is_in_manufacturer_name(finding: _SpanFeatures) -> bool:
    """Return whether the value is a manufacturer: ``ABBOTT``, ``Zimmer Biomet, Inc.``."""
    if not finding.words:
        return False
    words = _WORD.findall(fold_text(finding.value))
    makers = [word in word_set("device_makers.surname") for word in words]
    return any(makers) and all(
        maker or (is_word(word) and not is_known_name(word)) for word, maker in zip(words, makers)
    )


def _is_product_name(finding: _SpanFeatures) -> bool:
    """Return whether a finding is a vendor or a line of products: ``SIGNA Architect``.

    In the name of a product, the words after them are its model: ``MAGNETOM Vida``.
    """
    is_name = finding.is_product or len(finding.words) == 1
    return is_name and starts_with_vendor(finding.text)


def _is_joined_term(finding: _SpanFeatures) -> bool:
    """Return whether underscores or digits join several words: a term of its own."""
    text = _NAME_SEPARATORS.sub("", finding.text)
    return len(finding.words) > 1 and not text.isalpha()


def _decide_unknown_words(finding: _SpanFeatures) -> bool | None:
    """Accept several words of which all are unknown, or one is if the confidence is high."""
    unknown, confidence = finding.unknown_words, finding.span.confidence
    if len(finding.words) < 2 or not unknown or confidence < _UNKNOWN_WORDS_MIN_CONFIDENCE:
        return None
    return len(unknown) == len(finding.words) or confidence >= HIGH_CONFIDENCE


def _is_confident_name(finding: _SpanFeatures) -> bool:
    """Return whether one unknown word is a name: confident, capitalized and not joined."""
    span, text, value, unknown = finding.span, finding.text, finding.value, finding.unknown_words
    if span.confidence < HIGH_CONFIDENCE or not unknown:
        return False
    if len(unknown[0]) < _NAME_MIN_LETTERS and span.engine != "key":
        return False
    if not (text.istitle() or text.isupper() or value[: span.begin].endswith("=")):
        return False
    around = value[max(0, span.begin - 1) : span.begin] + value[span.end : span.end + 1]
    # A list of surnames is reliable for a joined word, the text model only for a long one.
    if span.engine == "gazetteer" or (
        span.confidence >= _JOINED_NAME_MIN_CONFIDENCE
        and len(unknown[0]) >= _JOINED_NAME_MIN_LETTERS
    ):
        around = _NAME_JOINING.sub("", around)
    return not _JOINING.search(around)


_is_phi = RuleList[[_SpanFeatures], bool](
    "header_technical_text",
    rule_if("identifying subtype", lambda finding: finding.span.subtype in _PHI_SUBTYPES, True),
    rule_if("institution", _is_institution, True),
    rule_if("full date", _is_full_date, True),
    rule_if("IP address", _is_address_of_computer, True),
    rule_if("UID", _is_uid, True),
    rule_if("usual in technical text", _is_usual_in_technical_text, False),
    Rule("contact", _decide_contact),
    rule_if("follows a title", _follows_title, True),
    rule_if("manufacturer", _is_in_manufacturer_name, False),
    rule_if("product", _is_product_name, False),
    rule_if("joined term", _is_joined_term, False),
    Rule("unknown words", _decide_unknown_words),
    rule_if("confident name", _is_confident_name, True),
    default=False,
)
