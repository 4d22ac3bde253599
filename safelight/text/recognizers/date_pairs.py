"""Find days and months with a slash (``22/7``) that neither a pattern nor the model has found.

A fraction is a date only if the text has evidence for it: a time of day, a weekday, a verb of an
appointment, another date next to it, or the same fraction as a date elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from safelight.named_rules import RuleList, rule_if
from safelight.records import Span
from safelight.text.lexicon.word_lists import expand_lists
from safelight.text.recognizers.dose_fractions import is_dose_fraction

_PAIR = re.compile(r"(?<![\w./:%+<>=~*^#\\-])(\d{1,2})/(\d{1,2})(?![\w/%\\]|[.:,-]\d|-[A-Za-z])")
_BEFORE_CHARACTERS = 40
_AFTER_CHARACTERS = 24
#: Fractions that are scarcely ever dates: around the clock, and halves to eighths of a tablet.
_FRACTIONS = frozenset("24/7 1/2 1/3 2/3 1/4 3/4 1/8 3/8 5/8 7/8 50/50".split())
_MEASURE_BEFORE = re.compile(
    r"(?:\b(?:bp|ta|rr|pa|tas|blutdruck|tension|tensión|tensão|pressione|"
    r"blood pressure|va|acuity|vision|gcs|mmse|moca|phq|gad|nihss|mrs|apgars?|scored?|"
    r"scores|rated?|graded?|strength|power|motor|pain|murmur|reflex(?:es)?|pulses?|ratio|levels?|"
    r"stage|ros|systems|half|took|takes?|tabs?|tablets?|of|every|x|sensation|dtrs?|o[dsu]|scale|mg|"
    r"mcg|ml|units?|vital signs|vs|sats?|fio2|ef|icd|dose|type)"
    r"[ :=(]{0,3}(?:is |was |of |a |at |to )?|~ ?|\d[ ]?(?:x|×)[ ]?)\Z",
    re.IGNORECASE,
)
_MEASURE_AFTER = re.compile(
    r"\A[ ]?(?:(?:mg|mcg|ml|g|kg|cm|mm|m|l|lb|inch(?:es)?|in(?=[ ]?[.,;)])|tabs?|tablets?|cups?|"
    r"strength|power|"
    r"points?|pts|scale|pain|score|murmur|systolic|diastolic|sem|cores?|nodes?|positive|negative|"
    r"weeks?|wks?|months?|mos?|days?|hours?|years?|yrs?|doses?|cycles?|fractions?|sessions?|"
    r"treatments?|quadrants?|lobes?|vessels?|lesions?|teeth|digits|throughout|bilat\w*|od|os|ou|"
    r"r|l|right|left|of|ratio|ago|course|dilution|hx|history|hpf|mmhg|sat\w*|ra|oz|gtt|cc|"
    r"gpc|gnr|gpr|bottles?|grew|grow\w*|pos|neg|"
    r"patients|cases|samples|slides|levels|upper|lower|intact|symmetric\w*|equal)\b|[%\"”″])",
    re.IGNORECASE,
)
_DURATION = re.compile(r"\d{1,2}/(?:12|52|7)")
_DURATION_BEFORE = re.compile(
    r"\b(?:rtc|review in|for|x|over|last|in|within|past|after|every|previous|f/?u in)[ ]\Z", re.I
)
#: A time of day on either side.
_TIME_BEFORE = re.compile(
    r"(?:(?:[01]\d|2[0-3])[0-5]\d ?(?:h(?:rs?|ours?)?)|(?:[01]?\d|2[0-3])[:.][0-5]\d ?(?:[ap]m)?|"
    r"\d ?[ap]m),?[ ](?:on[ ])?\Z",
    re.I,
)
_TIME_AFTER = re.compile(
    r"\A(?:,?[ ](?:at[ ]|@ ?)?(?:(?:[01]\d|2[0-3])[0-5]\d(?: ?h(?:rs?|ours?)?)?|"
    r"(?:[01]?\d|2[0-3]):[0-5]\d)(?!\d|[/.]\d)|,?[ ](?:at[ ]|@ ?)?\d{1,2} ?[ap]m\b)",
    re.I,
)
_WEEKDAY_BEFORE = re.compile(
    expand_lists(r"\b(?:<list:weekdays.full>|(?:mon|tues?|wed|thu(?:rs?)?|fri|sat|sun))\.?,?[ ]\Z"),
    re.I,
)
#: Events before a date, and words that are before fractions of a tablet as well.
_EVENT_BEFORE = re.compile(
    r"\b(?:seen|reviewed|review|r/?v(?:w|'?d)?|reassess(?:ed)?|recheck(?:ed)?|return|rtc|appt|"
    r"appointment|clinic|due|booked|scheduled|sched|admitted|adm|discharged|d/c(?:'?d)?|lmp|edd|edc|"
    r"dated|date|f/u|follow[- ]?up|triage|surgery|bloods|labs?|cxr|ct|mri|scan|echo|ecg|ekg|usg|"
    r"x-?ray|biopsy|bx|cultures?|cx|note|visit|called|phoned|delivered|born|died|fell|injury|doi|"
    r"onset|week of|w/c|w/e|signed|resulted|collected|received|kontrolle|termin|cita|rdv|controllo|"
    r"retorno|consulta)[ :]{1,2}\Z",
    re.IGNORECASE,
)
_WORD_BEFORE = re.compile(
    r"\b(?:since|until|till|on|from|last|next|repeat(?:ed)?|post|us|started|stopped|ended|by|before|"
    r"after|arrived|sent|am|le|el|il|em|dia|vom|bis|ab|seit|zum|du|au|depuis|desde|hasta|dal|al|"
    r"até)[ :]{1,2}\Z",
    re.IGNORECASE,
)
_LIST_GAP = re.compile(
    r"(?:,|;| ?&| ?-| ?–| ?\+)?[ ]?(?:(?:and|or|to|then|through|thru|until)[ ])?"
)
_LINE_START = re.compile(r"(?:\A|[\r\n])[ \t*•-]{0,4}\Z")
_LINE_GOES_ON = re.compile(r"\A(?:[:|)]|[ ]{1,3}(?:[-–:|]|[A-Za-z]))")


@dataclass(frozen=True)
class _Pair:
    """Fraction that may be a day and a month.

    Attributes
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the fraction.
    first, second : int
        Its numbers.
    dates : sequence of Span
        Dates found so far, in order.
    values : set of str
        Texts of these dates.
    """

    text: str
    begin: int
    end: int
    first: int
    second: int
    dates: Sequence[Span]
    values: frozenset[str]

    @property
    def value(self) -> str:
        return self.text[self.begin : self.end]

    @property
    def before(self) -> str:
        return self.text[max(0, self.begin - _BEFORE_CHARACTERS) : self.begin]

    @property
    def after(self) -> str:
        return self.text[self.end : self.end + _AFTER_CHARACTERS]


def _is_impossible(pair: _Pair) -> bool:
    """Return whether the numbers are not a day and a month in either order."""
    low, high = sorted((pair.first, pair.second))
    return not (1 <= low <= 12 and high <= 31)


def _is_duration(pair: _Pair) -> bool:
    """Return whether the fraction is a number of months, weeks or days (``3/12``, ``2/52``)."""
    return bool(_DURATION.fullmatch(pair.value) and _DURATION_BEFORE.search(pair.before))


def _is_next_to_date(pair: _Pair) -> bool:
    """Return whether another date is next to the fraction in a list or range."""
    for date in pair.dates:
        if date.end <= pair.begin:
            gap = pair.text[date.end : pair.begin]
        elif date.begin >= pair.end:
            gap = pair.text[pair.end : date.begin]
        else:
            continue
        if gap and len(gap) < 12 and _LIST_GAP.fullmatch(gap):
            return True
    return False


def _is_line_of_log(pair: _Pair) -> bool:
    """Return whether the fraction starts a line that continues with text: ``3/15: MRI``."""
    if not _LINE_START.search(pair.before) or not _LINE_GOES_ON.match(pair.after):
        return False
    return pair.begin > 0 and bool(pair.dates)


def _is_day_first(pair: _Pair) -> bool:
    """Return whether the first number is a day only, in a text with other dates: ``22/7``."""
    return pair.first > 12 and bool(pair.dates) and (pair.first, pair.second) != (20, 10)


_PAIR_RULES = RuleList[[_Pair], bool](
    "text.is_date_pair",
    rule_if("impossible", _is_impossible, False),
    rule_if("dose_fraction", lambda p: is_dose_fraction(p.text, p.begin, p.end), False),
    rule_if("time_after", lambda p: _TIME_AFTER.search(p.after) and p.value != "24/7", True),
    rule_if("time_before", lambda p: _TIME_BEFORE.search(p.before), True),
    rule_if("measure_after", lambda p: _MEASURE_AFTER.search(p.after), False),
    rule_if("duration", _is_duration, False),
    rule_if("weekday_before", lambda p: _WEEKDAY_BEFORE.search(p.before), True),
    rule_if("event_before", lambda p: p.value != "24/7" and _EVENT_BEFORE.search(p.before), True),
    rule_if("measure_before", lambda p: _MEASURE_BEFORE.search(p.before), False),
    rule_if("fraction", lambda p: p.value in _FRACTIONS, False),
    rule_if("word_before", lambda p: _WORD_BEFORE.search(p.before), True),
    rule_if("same_as_date", lambda p: p.value in p.values, True),
    rule_if("next_to_date", _is_next_to_date, True),
    rule_if("line_of_log", _is_line_of_log, True),
    rule_if("day_first", _is_day_first, True),
    default=False,
)


def find_date_pairs(text: str, found: Sequence[Span]) -> Iterator[Span]:
    """Yield the days and months with a slash that other recognizers have not found.

    Parameters
    ----------
    text : str
        Whole text.
    found : sequence of Span
        Merged spans of all other recognizers.

    Yields
    ------
    Span
        Dates; a range of two pairs gives two spans.
    """
    if "/" not in text:
        return
    dates = [span for span in found if span.entity == "DATE"]
    values = frozenset(text[span.begin : span.end] for span in dates)
    taken = [(span.begin, span.end) for span in found]
    for match in _PAIR.finditer(text):
        begin, end = match.span()
        if any(b < end and begin < e for b, e in taken):
            continue
        pair = _Pair(text, begin, end, int(match[1]), int(match[2]), dates, values)
        if _PAIR_RULES(pair):
            dates.append(Span(begin, end, "DATE", "regex", 0.8))
            yield dates[-1]
