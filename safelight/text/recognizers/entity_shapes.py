"""Whether a guess of the model has the form of what it claims to be."""

from __future__ import annotations

import re

from safelight.records import Span
from safelight.text.dates.parsing import parse_date_text

_YEAR = re.compile(
    r"(?:19|20)\d\d(?:'?s?|\s?[-–/]\s?(?:(?:19|20)?\d\d))|'?\d0'?s|"
    r"(?:19|20)\d\d(?:,? ?(?:or|and|to|vs\.?|versus|through|thru|,|&) ?(?:19|20)\d\d)+"
)
#: Measures, gases, weeks of a pregnancy, versions: digits and marks that make no date.
_NO_DATE = re.compile(
    r".*\d ?[x×] ?\d.*|v\.? ?\d.*|.*\d\.\d+/.*|(?:@ )?\d{1,2} ?w(?:ee)?k?s? ?\d? ?d?|"
    r"(?:\d+\. )?\d{1,3} ?h(?:rs?|ours?)?|G\d{1,2} ?P\d{1,4}.*",
    re.I,
)
#: Pregnancies and births: ``G3P2012``.
_GRAVIDA = re.compile(r"G\d{1,2} ?P\d{1,4}", re.I)
#: Codes of visits with their modifiers: ``99214-25``.
_VISIT = re.compile(r"99[2-4]\d\d(?:-\d\d)?")
#: Words that are months too, unless what stands before says so.
_MARCH = re.compile(r"(?:(?:to|may) )?(?:march|may)")
_MONTH_BEFORE = re.compile(
    r"\b(?:in|since|by|last|next|this|of|until|till|from|before|after|during|early|late|mid|around|"
    r"on|end|through|and|or)[ -]\Z",
    re.I,
)
#: Changes of a protein: ``V600E``, ``deltaF508``.
_VARIANT = re.compile(
    r"(?:p\.)?[ACDEFGHIKLMNPQRSTVWY]\d{2,4}(?:[ACDEFGHIKLMNPQRSTVWYX*]|del|fs)|delta ?F?\d{3}"
)
_ALLELE = re.compile(r"HLA-[A-Z0-9]{1,5}\*\Z")
_CLOCK = re.compile(r"(?:[01]\d|2[0-4])[0-5]\d")
_RELATIVE = re.compile(
    r"\b(?:ago|yesterday|today|tomorrow|last|next|this|every|past|prior|previous|later|recent|"
    r"day|days|week|weeks|month|months|years?|hours?|weekend|morning|evening|night|noon|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b",
    re.I,
)
_MONTH = re.compile(
    r"(?<![^\W\d_])(?:jan(?:uary|uar|vier|v)?|feb(?:ruary|ruar|rero)?|f[eé]v(?:rier|r)?|"
    r"mar(?:ch|zo|s)?|m[aä]rz|apr(?:il)?|abr(?:il)?|avr(?:il)?|may(?:o)?|mai|june?|juni[o]?|juin|"
    r"july?|juli[o]?|juil(?:let)?|aug(?:ust)?|agosto|ao[uû]t|sep(?:t|tember|tiembre|tembre)?|"
    r"o[ck]t(?:ober|ubre|obre)?|nov(?:ember|iembre|embre)?|de[cz](?:ember|iembre)?|dic(?:iembre)?|"
    r"d[eé]c(?:embre)?|ene(?:ro)?)(?![^\W\d_])",
    re.I,
)
_HOLIDAY = re.compile(
    r"christmas|xmas|easter|thanksgiving|new year|halloween|diwali|ramadan|passover|hanukkah|"
    r"labor day|memorial day|valentine|independence|good friday|juneteenth|summer of|winter of|"
    r"spring of|fall of",
    re.I,
)
_FRACTION = re.compile(r"(\d{1,2})(?:\s?-\s?\d{1,2})?\s?/\s?(\d{1,2})")
_SCORE = re.compile(r"\d{1,2}(?:\s?-\s?\d{1,2})?/(?:4|5|6|10)")
_SCORED = re.compile(
    r"pain|streng|scale|motor|power|scor|\bgrade|reflex|murmur|gleason|sever|\brate|pressure|level|"
    r"intens|deltoid|biceps|triceps|quad(?:s|ri)|hamstring|\bgrip\b|iliopsoas|\bEHL\b|flexion|extension|extremit|systolic|\bMRC\b|apgar|\bDTRs?\b|sensation",
    re.I,
)
_ACUITY = re.compile(r"6/(?:[4-9]|1[28]|24|36|60)|20/\d+")
_ACUITY_NEAR = re.compile(
    r"\bV\.?A\b.{0,12}\Z|vision|acuity|visual|\bO[DSU]\b|snellen|\bBCVA\b|"
    r"\A\s?(?:R|L|right|left|months?|for (?:near|distance|reading))\b|\A,?\s?worse",
    re.I,
)
#: ``3/12`` is three months, ``2/52`` two weeks, in British notes.
_DURATION = re.compile(r"\d{1,2}/(?:12|52|7)")
_DURATION_BEFORE = re.compile(r"(?:\bRTC|\breview(?: in)?|\bfor|\bx|\bover|\blast|\bin)\s\Z", re.I)
_TIME = re.compile(r"@?\s?(?:[01]\d|2[0-4])[0-5]\d(?: ?h(?:rs)?)?")
_HOUR = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d")
_RINGS = re.compile(
    r"\b(?:pagers?|paged|beeper|bleep|ext(?:ension|n)?|x|phones?|ph|tel|cell|call|cb|fax|ascom|"
    r"vocera|at|number|no|dial)\b[ .:#]{0,3}\Z|#\Z|[./-]\d{2,4} \Z",
    re.I,
)
#: A blood pressure or a temperature: ``98.6 88 16 120/70`` is no telephone.
_VITALS = re.compile(r"(?<![\d/])\d{2,3}/\d{2,3}(?![\d/-])|(?<![\d.])\d{2,3}\.\d(?![\d.])")
#: Numbers of trials and of articles.
_REGISTERED = re.compile(r"NCT\d{8}|ISRCTN\d{8}|EUCTR[\d-]{8,16}|PMID:? ?\d{6,9}|PMC\d{6,9}")
_AGE = re.compile(r"\d{1,3}")
#: What is counted in the same numbers: ``fever of 102``.
_NO_AGE_BEFORE = re.compile(
    r"\b(?:fevers?|febrile|temp\w*|tmax|pulse|hr|heart rate|bp|pressure|sugars?|glucose|bg|fsbg|"
    r"weigh\w*|sats?|scored?|iq)(?: (?:of|is|was|to|at|up|in the|around|about))*[ :]{1,2}\Z",
    re.I,
)


def _over_89(value: str, around: str) -> bool:
    number = _AGE.search(value)
    if number is None:
        return bool(re.search(r"ninet|hundred|genarian", around, re.I))
    return 90 <= int(number[0]) <= 125


def _is_date(value: str) -> bool:
    """Names a day or month of the calendar: no bare year, no duration, no time of day."""
    if _YEAR.fullmatch(value) or _CLOCK.fullmatch(value) or _NO_DATE.fullmatch(value):
        return False
    if _MONTH.search(value):
        return not (len(value) == 3 and value.islower())
    if _HOLIDAY.search(value):
        return True
    digits = sum(map(str.isdigit, value))
    if re.fullmatch(r"(?:1[3-9]|[2-9]\d)-\d{1,2}", value):
        return False
    if _RELATIVE.search(value) and digits < 4:
        return False
    fraction = _FRACTION.fullmatch(value)
    if fraction and parse_date_text(value) is None and parse_date_text(value, True) is None:
        return False
    return digits >= 2 and not re.fullmatch(r"\d{1,3}", value)


def _is_score(text: str, span: Span) -> bool:
    """``7/10`` near pain and ``6/12`` near vision are no days of October and December."""
    value = text[span.begin : span.end]
    around = text[max(0, span.begin - 60) : span.end + 30]
    if (fraction := _FRACTION.fullmatch(value)) and int(fraction[1]) > int(fraction[2]):
        return False
    if _SCORE.fullmatch(value) and _SCORED.search(around):
        return True
    if _FRACTION.fullmatch(value) and re.search(
        r"apgars?\W{1,3}\Z", text[: span.begin][-12:], re.I
    ):
        return True
    if _DURATION.fullmatch(value) and _DURATION_BEFORE.search(text[: span.begin][-12:]):
        return True
    if _ACUITY.fullmatch(value):
        before, behind = text[max(0, span.begin - 40) : span.begin], text[span.end : span.end + 12]
        return bool(_ACUITY_NEAR.search(before) or _ACUITY_NEAR.search(behind))
    return False


def has_plausible_shape(text: str, span: Span) -> bool:
    """Whether an age is over 89, a date of the calendar, an identifier or contact long enough."""
    value = text[span.begin : span.end]
    digits = sum(map(str.isdigit, value))
    if span.entity == "AGE":
        if _NO_AGE_BEFORE.search(text, max(0, span.begin - 32), span.begin):
            return False
        return _over_89(value, text[max(0, span.begin - 12) : span.end + 12])
    if span.entity == "DATE":
        if _MARCH.fullmatch(value) and not _MONTH_BEFORE.search(text[: span.begin][-12:]):
            return False
        return _is_date(value) and not _is_score(text, span)
    if span.entity == "ID":
        if text[span.end : span.end + 1] == "^" and re.fullmatch(r"\d{1,5}-\d", value):
            return False  # a LOINC code
        if (
            _VARIANT.fullmatch(value)
            or _VISIT.fullmatch(value)
            or _REGISTERED.fullmatch(value)
            or _GRAVIDA.fullmatch(value)
        ):
            return False
        if _ALLELE.search(text, max(0, span.begin - 12), span.begin):
            return False
        return digits >= 3 or bool(re.search(r"[*X]{3}", value))
    if span.entity == "CONTACT":
        if _TIME.fullmatch(value) and re.search(
            r"(?:@|\bat)\s?\Z|\A@", text[: span.begin][-4:] or value
        ):
            return False
        if _HOUR.fullmatch(value) and not _RINGS.search(text[: span.begin][-16:]):
            return False
        if _VITALS.search(value):
            return False
        return digits >= 4 or "." in value or "@" in value
    return any(map(str.isalpha, value)) or span.entity == "LOCATION"
