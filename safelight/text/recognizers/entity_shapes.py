"""Check the shape of what the model found: whether the value can be of its entity."""

from __future__ import annotations

import re
from typing import NamedTuple

from safelight.named_rules import Rule, RuleList, rule_if
from safelight.records import Span
from safelight.text.dates.parsing import parse_date_text
from safelight.text.lexicon.phrases import known_phrases, starts_with_vendor
from safelight.text.lexicon.word_lists import expand_lists
from safelight.text.recognizers.dose_fractions import is_dose_fraction

#: Digits that an identifier and a contact have at least.
_ID_MIN_DIGITS, _CONTACT_MIN_DIGITS = 3, 4
#: Digits of the model of a device, at most.
_MODEL_MAX_DIGITS = 4
#: Digits that a date has at least, and with a word such as ``last`` or ``week``.
_DATE_MIN_DIGITS, _RELATIVE_DATE_MIN_DIGITS = 2, 4
#: Ages that identify (45 CFR 164.514(b)(2)(i)(C)) and that people reach.
_AGE_MIN, _AGE_MAX = 90, 125

_YEAR = re.compile(
    r"(?:19|20)\d\d(?:'?s?|\s?[-–/]\s?(?:(?:19|20)?\d\d))|'?\d0'?s|"
    r"(?:19|20)\d\d(?:,? ?(?:or|and|to|vs\.?|versus|through|thru|,|&) ?(?:19|20)\d\d)+"
)
#: Sizes, blood gases, weeks of a pregnancy and versions: digits and marks that are not a date.
_MEASUREMENT = re.compile(
    r".*\d ?[x×] ?\d.*|v\.? ?\d.*|.*\d\.\d+/.*|(?:@ )?\d{1,2} ?w(?:ee)?k?s? ?\d? ?d?|"
    r"(?:\d+\. )?\d{1,3} ?h(?:rs?|ours?)?|G\d{1,2} ?P\d{1,4}.*",
    re.I,
)
#: Pregnancies and births: ``G3P2012``.
_PREGNANCIES = re.compile(r"G\d{1,2} ?P\d{1,4}", re.I)
#: Billing codes of visits with their modifiers (CPT): ``99214-25``.
_VISIT_CODE = re.compile(r"99[2-4]\d\d(?:-\d\d)?")
#: Codes of LOINC, before a component separator of HL7.
_LOINC_CODE = re.compile(r"\d{1,5}-\d")
#: Words that are months too, and what must be before one of them.
_MARCH_OR_MAY = re.compile(r"(?:(?:to|may) )?(?:march|may)")
_MONTH_BEFORE = re.compile(
    r"\b(?:in|since|by|last|next|this|of|until|till|from|before|after|during|early|late|mid|around|"
    r"on|end|through|and|or)[ -]\Z",
    re.I,
)
#: Variants of a protein: ``V600E``, ``deltaF508``.
_VARIANT = re.compile(
    r"(?:p\.)?[ACDEFGHIKLMNPQRSTVWY]\d{2,4}(?:[ACDEFGHIKLMNPQRSTVWYX*]|del|fs)|delta ?F?\d{3}"
)
_ALLELE_BEFORE = re.compile(r"HLA-[A-Z0-9]{1,5}\*\Z")
_CLOCK_TIME = re.compile(
    r"(?:[01]\d|2[0-4]):?[0-5]\d(?: ?h(?:rs?|ours?)?)?|(?:[01]?\d|2[0-4]) ?h(?:[0-5]\d)?", re.I
)
_RELATIVE_DATE = re.compile(
    expand_lists(r"\b(?:<list:relative_dates>|<list:weekdays.full.en>)\b"), re.I
)
#: Months of all languages; ``ago`` alone is an English word, ``fev`` and ``marz`` lack a diacritic.
_MONTH = re.compile(
    expand_lists(r"(?<![^\W\d_])(?!ago(?!sto))(?:<list:months>|fevr?|marz)(?![^\W\d_])"), re.I
)
_HOLIDAY = re.compile(expand_lists("<list:holidays>"), re.I)
#: Two numbers joined by a hyphen of which the first is not a month.
_RANGE = re.compile(r"(?:1[3-9]|[2-9]\d)-\d{1,2}")
#: Numbers of two boxes of a form: ``29   24``.
#: Number of an item and a time of day: ``4. 0200``; numbers joined by ``@``: ``16/17 @1410``.
_NUMBER_AND_TIME = re.compile(r"\d{1,3}(?:\.\s{1,2}| ?@ ?)(?:[01]\d|2[0-3])[0-5]\d")
#: Range of two numbers of two digits: ``MAP 62-66``.
_SHORT_RANGE = re.compile(r"\d{2} ?[-–] ?\d{2}")
_LONG_RANGE = re.compile(r"\d{2,4} ?[-–] ?\d{3,4}")
_RANGE_BEFORE = re.compile(r"\b(?:target|range|goal|keep|between|normal|ref|nl)[ :=(]{1,3}\Z", re.I)
#: Weeks of a pregnancy, and a decimal number.
_WEEKS_OF_PREGNANCY = re.compile(r"\d{1,2}(?:\+\d)?/40")
_DECIMAL = re.compile(r"\d{1,2}\.\d{1,2}")
_DATE_WORD_BEFORE = re.compile(
    r"\b(?:on|am|vom|den|bis|ab|seit|zum|op|since|from|until)[ :]{1,2}\Z", re.I
)
#: Nodes of a classification before a ratio, and the integer of a decimal number before a guess.
_NODES_BEFORE = re.compile(r"\bp?N[0-3][a-c]?(?:mi)? ?\(\Z|\d\.\Z")
_NUMBERS_APART = re.compile(r"\d{1,3}(?:[ \t]{2,}|\s*\n\s*)\d{1,3}\.?")
_SHORT_NUMBER = re.compile(r"\d{1,3}")
_FRACTION = re.compile(r"(\d{1,2})(?:\s?-\s?\d{1,2})?\s?/\s?(\d{1,2})")
_SCORE = re.compile(r"\d{1,2}(?:\s?-\s?\d{1,2})?/(?:4|5|6|10)")
_SCORED_FINDING = re.compile(
    expand_lists(
        r"<list:scored_findings.stem>|\b(?:<list:scored_findings.prefix>|"
        r"<list:scored_findings.word>\b)"
    ),
    re.I,
)
_APGAR_BEFORE = re.compile(r"apgars?\W{1,3}\Z", re.I)
_ACUITY = re.compile(r"6/(?:[4-9]|1[28]|24|36|60)|20/\d+")
_ACUITY_NEAR = re.compile(
    r"\bV\.?A\b.{0,12}\Z|vision|acuity|visual|\bO[DSU]\b|snellen|\bBCVA\b|"
    r"\A\s?(?:R|L|right|left|months?|for (?:near|distance|reading))\b|\A,?\s?worse",
    re.I,
)
#: Three numbers of which the last is one digit, as in a periodontal examination: ``2/1/2``.
_THREE_SCORES = re.compile(r"[0-6]/[0-6]/[0-6]")
#: A page before its number and the number of pages: ``pg 1/1``.
_PAGE_BEFORE = re.compile(
    r"\b(?:page|pages|pg|pgs|sheet|slide|slice|image|img|frame)\.?[ :#]{0,2}\Z", re.I
)
#: Rest of a decimal number after a fraction: ``6/7.5``.
_DECIMAL_AFTER = re.compile(r"\.\d")
#: A fraction and a time of day: ``14/15 @ 10.20``.
_FRACTION_AND_TIME = re.compile(r"(\d{1,2}/\d{1,2}) ?@ ?\d{1,2}[.:]?\d{2}")
#: Durations of British notes: ``3/12`` is three months, ``2/52`` two weeks.
_DURATION = re.compile(r"\d{1,2}/(?:12|52|7)")
_DURATION_BEFORE = re.compile(
    r"\b(?:RTC|SOS|TCA|recall|review|rv|r/v|f/?u|see|again|back|every|after|within|next|"
    r"repeat|reassess|for|x|over|last|in)\s(?:in\s)?\Z",
    re.I,
)
_TIME = re.compile(r"@?\s?(?:[01]\d|2[0-4])[0-5]\d(?: ?h(?:rs)?)?")
_TIME_WITH_UNIT = re.compile(r"(?:[01]\d|2[0-4])[0-5]\d ?(?:h|hrs?|hours?)", re.I)
_AT_BEFORE = re.compile(r"(?:@|\bat)\s?\Z|\A@")
_HOUR = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d")
#: Bands of a chromosome: ``15q11-q13``, ``7p11.2p13``.
_CHROMOSOME_BAND = re.compile(
    r"(?:\d{1,2}|[XY])(?:[-–]?[pq](?:ter|\d{1,2}(?:\.\d{1,3})?)){1,3}(?:[-–]\d{1,2}(?:\.\d{1,3})?)?"
)
#: Times of the begin and the end of a shift: ``0700-1900``.
_TIMES = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d ?[-–] ?(?:[01]\d|2[0-3])[0-5]\d")
_MAGNIFICATION = re.compile(r"\d{1,4} ?[x×]", re.I)
#: Name after a month that is a name as well: ``May-Thurner``.
_NAME_AFTER = re.compile(r"[-–][A-Z][a-zß-ÿ]{2,}")
#: Age in months at the start of a note, or before the patient: ``4/12 ex-29/40 twin``.
_PATIENT_AFTER = re.compile(
    r" (?:old|ex-|female|male|[MF]\b|baby|infant|boy|girl|child|hx|history|corrected)", re.I
)
#: Name of a scale directly before its score: ``Barthel 12/20``.
_SCALE_BEFORE = re.compile(expand_lists(r"\b<list:scored_findings.scale>[ :=(]{1,3}\Z"), re.I)
#: Labels of a telephone, a pager or an extension.
_TELEPHONE_BEFORE = re.compile(
    r"\b(?:pagers?|paged|beeper|bleep|ext(?:ension|n)?|x|phones?|ph|tel|cell|call|cb|fax|ascom|"
    r"vocera|at|number|no|dial)\b[ .:#]{0,3}\Z|#\Z|[./-]\d{2,4} \Z",
    re.I,
)
#: Blood pressures and temperatures: ``98.6 88 16 120/70`` is not a telephone number.
_VITAL_SIGNS = re.compile(r"(?<![\d/])\d{2,3}/\d{2,3}(?![\d/-])|(?<![\d.])\d{2,3}\.\d(?![\d.])")
#: Numbers of trials and articles.
_PUBLIC_NUMBER = re.compile(r"NCT\d{8}|ISRCTN\d{8}|EUCTR[\d-]{8,16}|PMID:? ?\d{6,9}|PMC\d{6,9}")
#: Trial with its number: ``KEYNOTE-921``.
_NUMBERED_TRIAL = re.compile(r"([^\W\d_]{4,})[- ]?\d{1,4}[A-Za-z]?")
#: Cassettes or blocks of a specimen: ``A1-A14``.
_BLOCKS = re.compile(r"[A-Z]\d{1,2} ?[-–] ?[A-Z]?\d{1,2}")
_MASKED_ID = re.compile(r"[*X]{3}")
_AGE = re.compile(r"\d{1,3}")
_SPELLED_AGE = re.compile(r"ninet|hundred|genarian", re.I)
#: Measurements before a number that is not an age: ``fever of 102``.
_MEASURED_BEFORE = re.compile(
    r"\b(?:fevers?|febrile|temp\w*|tmax|pulse|hr|heart rate|bp|pressure|sugars?|glucose|bg|fsbg|"
    r"weigh\w*|sats?|scored?|iq)(?: (?:of|is|was|to|at|up|in the|around|about))*[ :]{1,2}\Z",
    re.I,
)


class _Value(NamedTuple):
    """A value that the model found, in its text.

    Attributes
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the value.
    value : str
        ``text[begin:end]``.
    digits : int
        Digits in the value.
    """

    text: str
    begin: int
    end: int
    value: str
    digits: int

    def before(self, count: int) -> str:
        """Return up to `count` characters before the value."""
        return self.text[max(0, self.begin - count) : self.begin]

    def after(self, count: int) -> str:
        """Return up to `count` characters after the value."""
        return self.text[self.end : self.end + count]


def has_plausible_shape(text: str, span: Span) -> bool:
    """Return whether a value can be of the entity that the model gave it.

    Ages are over 89, dates name a day or a month of the calendar, identifiers and contacts have
    enough digits, and other values have a letter.

    Parameters
    ----------
    text : str
        Whole text.
    span : Span
        What the model found.
    """
    value = text[span.begin : span.end]
    digits = sum(map(str.isdigit, value))
    rules = _RULES_BY_ENTITY.get(span.entity)
    if rules is None:
        return span.entity == "LOCATION" or any(map(str.isalpha, value))
    return rules(_Value(text, span.begin, span.end, value, digits))


def _is_old_age(value: _Value) -> bool:
    """Return whether a number, or else the words near the value, are an age over 89."""
    number = _AGE.search(value.value)
    if number is None:
        around = value.text[max(0, value.begin - 12) : value.end + 12]
        return _SPELLED_AGE.search(around) is not None
    return _AGE_MIN <= int(number[0]) <= _AGE_MAX


def _is_vital_signs(value: _Value) -> bool:
    """Return whether a value has or continues a blood pressure: ``148/92 112``."""
    if _VITAL_SIGNS.search(value.value):
        return True
    return re.fullmatch(r"\d{2,3}(?: \d{2,3})*", value.value) is not None and bool(
        re.search(r"(?<![\d/])\d{2,3}/\Z", value.before(5))
    )


def _is_trial(value: _Value) -> bool:
    """Return whether a value is the name of a known trial and a number."""
    trial = _NUMBERED_TRIAL.fullmatch(value.value)
    return trial is not None and trial[1].lower() in known_phrases()


def _is_range_of_measure(value: _Value) -> bool:
    """Return whether a value is a range, of two digits or after a word such as ``target``."""
    if _SHORT_RANGE.fullmatch(value.value):
        return True
    is_range = _LONG_RANGE.fullmatch(value.value) is not None
    return is_range and _RANGE_BEFORE.search(value.before(12)) is not None


def _is_model_of_maker(value: _Value) -> bool:
    """Return whether a maker of devices is before a model: ``Olympus CF-HQ190L``."""
    words = value.before(24).split()[-1:]
    return bool(words) and starts_with_vendor(words[0]) and value.digits <= _MODEL_MAX_DIGITS


def _is_impossible_date(value: _Value) -> bool:
    """Return whether a fraction is not a date, with the month first or the day first."""
    with_time = _FRACTION_AND_TIME.fullmatch(value.value)
    fraction = with_time[1] if with_time else value.value
    return (
        _FRACTION.fullmatch(fraction) is not None
        and parse_date_text(fraction) is None
        and parse_date_text(fraction, True) is None
    )


def _is_scored(value: _Value) -> bool:
    """Return whether a fraction of 4, 5, 6 or 10 is near a finding that is scored."""
    if not _SCORE.fullmatch(value.value):
        return False
    around = value.text[max(0, value.begin - 60) : value.end + 30]
    return _SCORED_FINDING.search(around) is not None


def _is_month_of_name(value: _Value) -> bool:
    """Return whether a month is the first part of a name: ``May-Thurner``, not ``May-June``."""
    name = _NAME_AFTER.match(value.after(24))
    return name is not None and value.value.isalpha() and _MONTH.search(name[0]) is None


def _is_over_one(value: _Value) -> bool:
    """Return whether a value is a fraction over 1: ``9/4`` is not a score."""
    fraction = _FRACTION.fullmatch(value.value)
    return fraction is not None and int(fraction[1]) > int(fraction[2])


def _decide_acuity(value: _Value) -> bool | None:
    """Return whether a fraction of visual acuity is near a word about vision."""
    if not _ACUITY.fullmatch(value.value):
        return None
    near = _ACUITY_NEAR.search(value.before(40)) or _ACUITY_NEAR.search(value.after(12))
    return near is not None


_SCORE_RULES = RuleList[[_Value], bool](
    "text.is_score",
    rule_if(
        "scale",
        lambda v: _FRACTION.fullmatch(v.value) and _SCALE_BEFORE.search(v.before(24)),
        True,
    ),
    rule_if("dose_fraction", lambda v: is_dose_fraction(v.text, v.begin, v.end), True),
    rule_if("over_one", _is_over_one, False),
    rule_if("scored_finding", _is_scored, True),
    rule_if(
        "apgar",
        lambda v: _FRACTION.fullmatch(v.value) and _APGAR_BEFORE.search(v.before(12)),
        True,
    ),
    rule_if(
        "duration",
        lambda v: (
            _DURATION.fullmatch(v.value)
            and (_DURATION_BEFORE.search(v.before(12)) or _PATIENT_AFTER.match(v.after(12)))
        ),
        True,
    ),
    Rule("acuity", _decide_acuity),
    default=False,
)


def _decide_month(value: _Value) -> bool | None:
    """Return whether a month is written as one: ``mar`` in lower case is not."""
    if not _MONTH.search(value.value):
        return None
    return not (len(value.value) == 3 and value.value.islower())


_DATE_RULES = RuleList[[_Value], bool](
    "text.is_plausible_date",
    rule_if(
        "march_or_may",
        lambda v: _MARCH_OR_MAY.fullmatch(v.value) and not _MONTH_BEFORE.search(v.before(12)),
        False,
    ),
    rule_if("year", lambda v: _YEAR.fullmatch(v.value), False),
    rule_if("clock_time", lambda v: _CLOCK_TIME.fullmatch(v.value), False),
    rule_if("percentage", lambda v: v.after(1) == "%", False),
    rule_if("measurement", lambda v: _MEASUREMENT.fullmatch(v.value), False),
    rule_if("magnification", lambda v: _MAGNIFICATION.fullmatch(v.value), False),
    rule_if("chromosome_band", lambda v: _CHROMOSOME_BAND.fullmatch(v.value), False),
    rule_if("month_of_name", _is_month_of_name, False),
    Rule("month", _decide_month),
    rule_if("holiday", lambda v: _HOLIDAY.search(v.value), True),
    rule_if("range", lambda v: _RANGE.fullmatch(v.value), False),
    rule_if(
        "relative_date",
        lambda v: v.digits < _RELATIVE_DATE_MIN_DIGITS and _RELATIVE_DATE.search(v.value),
        False,
    ),
    rule_if("three_scores", lambda v: _THREE_SCORES.fullmatch(v.value), False),
    rule_if("page", lambda v: _PAGE_BEFORE.search(v.before(10)), False),
    rule_if(
        "decimal_fraction",
        lambda v: _FRACTION.fullmatch(v.value) and _DECIMAL_AFTER.match(v.after(2)),
        False,
    ),
    rule_if("impossible_date", _is_impossible_date, False),
    rule_if("few_digits", lambda v: v.digits < _DATE_MIN_DIGITS, False),
    rule_if("short_number", lambda v: _SHORT_NUMBER.fullmatch(v.value), False),
    rule_if("numbers_apart", lambda v: _NUMBERS_APART.fullmatch(v.value), False),
    rule_if(
        "decimal",
        lambda v: (
            _DECIMAL.fullmatch(v.value)
            and v.after(1) != "."
            and not _DATE_WORD_BEFORE.search(v.before(8))
        ),
        False,
    ),
    rule_if("weeks_of_pregnancy", lambda v: _WEEKS_OF_PREGNANCY.fullmatch(v.value), False),
    rule_if("nodes", lambda v: _NODES_BEFORE.search(v.before(8)), False),
    rule_if("number_and_time", lambda v: _NUMBER_AND_TIME.fullmatch(v.value), False),
    rule_if("score", _SCORE_RULES, False),
    default=True,
)

_AGE_RULES = RuleList[[_Value], bool](
    "text.is_plausible_age",
    rule_if(
        "measured_value",
        lambda v: _MEASURED_BEFORE.search(v.text, max(0, v.begin - 32), v.begin),
        False,
    ),
    rule_if("old_age", _is_old_age, True),
    default=False,
)

_ID_RULES = RuleList[[_Value], bool](
    "text.is_plausible_id",
    rule_if("loinc", lambda v: v.after(1) == "^" and _LOINC_CODE.fullmatch(v.value), False),
    rule_if("protein_variant", lambda v: _VARIANT.fullmatch(v.value), False),
    rule_if("chromosome_band", lambda v: _CHROMOSOME_BAND.fullmatch(v.value), False),
    rule_if("times", lambda v: _TIMES.fullmatch(v.value), False),
    rule_if("visit_code", lambda v: _VISIT_CODE.fullmatch(v.value), False),
    rule_if("public_number", lambda v: _PUBLIC_NUMBER.fullmatch(v.value), False),
    rule_if("pregnancies", lambda v: _PREGNANCIES.fullmatch(v.value), False),
    rule_if("vital_signs", _is_vital_signs, False),
    rule_if("trial", _is_trial, False),
    rule_if("range_of_measure", _is_range_of_measure, False),
    rule_if("model_of_maker", _is_model_of_maker, False),
    rule_if("blocks", lambda v: _BLOCKS.fullmatch(v.value), False),
    rule_if("allele", lambda v: _ALLELE_BEFORE.search(v.before(12)), False),
    rule_if("digits", lambda v: v.digits >= _ID_MIN_DIGITS, True),
    rule_if("masked", lambda v: _MASKED_ID.search(v.value), True),
    default=False,
)

_CONTACT_RULES = RuleList[[_Value], bool](
    "text.is_plausible_contact",
    rule_if("time_with_unit", lambda v: _TIME_WITH_UNIT.fullmatch(v.value), False),
    rule_if(
        "time",
        lambda v: _TIME.fullmatch(v.value) and _AT_BEFORE.search(v.before(4) or v.value),
        False,
    ),
    rule_if(
        "hour",
        lambda v: _HOUR.fullmatch(v.value) and not _TELEPHONE_BEFORE.search(v.before(16)),
        False,
    ),
    rule_if("vital_signs", lambda v: _VITAL_SIGNS.search(v.value), False),
    rule_if("digits", lambda v: v.digits >= _CONTACT_MIN_DIGITS, True),
    rule_if("address", lambda v: "." in v.value or "@" in v.value, True),
    default=False,
)

_RULES_BY_ENTITY = {
    "AGE": _AGE_RULES,
    "DATE": _DATE_RULES,
    "ID": _ID_RULES,
    "CONTACT": _CONTACT_RULES,
}
