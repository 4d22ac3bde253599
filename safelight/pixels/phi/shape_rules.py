"""PHI that is found by its shape: dates, times, numbers, streets, names written as such.

``shape_rules.yaml`` holds the regular expressions. The rules of this module reject matches that
are settings, body parts or terms of the same shape.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

import yaml

from safelight.named_rules import RuleList, rule_if
from safelight.pixels.lexicon.allow_list import (
    device_terms,
    is_allowed,
    is_sequence_name,
    is_technical_term,
    quantities,
    tokenize_row,
)
from safelight.pixels.lexicon.device_codes import is_device_code, is_version
from safelight.pixels.thresholds import SHAPE_FINDING_CONFIDENCE
from safelight.records import Span
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import (
    imaging_words,
    is_known_name,
    may_be_name,
)

#: A time of day that follows a date.
_TIME_AFTER = re.compile(r"[\s,T-]{1,3}(?:[01]?\d|2[0-3])[:h.][0-5]\d(?:[:.][0-5]\d)?(?![\d:])")
#: A time of day that directly follows the digits of a date, the blank between them not read.
_TIME_GLUED = re.compile(r"\d{0,2}:[0-5]\d(?:[:.][0-5]\d)?(?![\d:])")
_TIME_BEFORE = re.compile(r"(?<![\d:.])(?:[01]?\d|2[0-3])[:h][0-5]\d(?:[:.][0-5]\d)?[\s,-]{1,3}$")
#: The last digits of a year after its first three, or after its first two.
_REST_OF_YEAR = re.compile(r"\s\d(?!\d)")
_SHORT_YEAR = re.compile(r"(?:19|20)\d$")
_SEX_AFTER = re.compile(r"[\s,/]{1,3}(?:[MFWmf]|(?:fe)?male)(?![\w.=:])", re.IGNORECASE)
_SEX_BEFORE = re.compile(r"(?<![\w.])(?:[MFW]|(?:fe)?male)[\s,/]{1,3}$", re.IGNORECASE)
#: Measurements without a long number: 512x128, I42.5-I487.0, 2L4.87cm.
_MEASUREMENT = re.compile(
    r"(?:[A-Za-z]{0,3}\d{1,4}(?:\.\d{1,3})?[-x×/]?){1,3}[A-Za-z%²]{0,4}\d?[A-Za-z]{0,3}"
)
_DECIMAL_OR_PRODUCT = re.compile(r"\d[.x×]\d")
#: A scan range, with the numbers that the row continues with.
_SCAN_RANGE = re.compile(r"(?:[A-Z]\d+\.\d+-?){1,2}[\d.]*")
_GESTATIONAL_AGE = re.compile(r"\d{1,2}w\d{1,2}d")
#: Settings without the blanks between them: W350L50, TR450TE12.
_GLUED_SETTINGS = re.compile(
    r"(?:(?:W|L|C|WW|WL|WC|SL|ST|SP|TR|TE|TI|FA|KV|MA|MAS|FOV|IM|SE)[:=]?\d{1,4}){2,4}",
    re.IGNORECASE,
)
#: A setting of an ultrasound screen between two values of it, which overlap: 78DR78, 630P630.
_DOUBLED_SETTING = re.compile(
    r"(\d{2,3})(?:P|DR|CG|G|F|DF|DB|FPS|HZ|CM|MM)(\d{2,3})\.?", re.IGNORECASE
)
#: Greatest difference of the two values.
_DOUBLED_SETTING_MAX_DIFFERENCE = 5
#: Letters directly before a number: Helical10.250-470.250.
_LETTERS_BEFORE_NUMBER = re.compile(r"([A-Za-z]{3,})([\d.,x-]+)")
#: Short numbers with blanks between them.
_SHORT_NUMBERS = re.compile(r"\d{1,3}(?: \d{1,3})+")
#: A range of two numbers with decimals: 34.500-134.500.
_DECIMAL_RANGE = re.compile(r"\d{1,4}\.\d{1,3}-\d{1,4}\.\d{1,3}")
#: Terms next to which OCT is optical coherence tomography, not October.
_TOMOGRAPHY = re.compile(r"(?<!\w)(?:IR|ART|OD|OS|OU|EDI|SLO|FAF?|ICGA?|RNFL|ONH)(?!\w)")
#: A transducer and its preset, of which a letter was read as a digit: "C5-1/0B".
_TRANSDUCER_AND_PRESET = re.compile(r"\d{1,2}-\d{1,2}/\d?[OolIB]{1,2}")
_TRANSDUCER_LETTER = re.compile(r"(?<!\w)[A-Z]$")
#: Letters of directions; with one of them a word of anatomy is a body part and its side.
_DIRECTIONS = "LRAP"


class _Match(NamedTuple):
    """A match of an expression: its name in the data file, its text, and the rest of its row."""

    name: str
    text: str
    before: str = ""
    after: str = ""


def find_shapes(row: str) -> list[Span]:
    """Return the spans of a row of text that are PHI by their shape."""
    found: list[Span] = []
    for entity, name, pattern in _load_expressions():
        for match in pattern.finditer(row):
            begin, end = match.span()
            if _REJECTION_RULES(_Match(name, match[0], row[:begin], row[end:])):
                continue
            if entity == "DATE" and not name.startswith("TIME"):
                begin, end = _extend_date(row, begin, end)
            elif entity == "ID" and (glued := _TIME_GLUED.match(row, end)):
                end = glued.end()
            found.append(Span(begin, end, entity, "form", SHAPE_FINDING_CONFIDENCE, name))
    return found


def _is_words_without_name(match: _Match) -> bool:
    """Return whether "Word, Word" or a signing phrase holds no word that may be a name."""
    return match.name in ("COMMA", "SENTENCE") and not _has_name(match.text)


def _is_initial_with_body_part(match: _Match) -> bool:
    """Return whether "L. Hand" is a side and a body part."""
    if match.name != "FIRST" or _has_name(match.text):
        return False
    first, _, last = match.text.partition(".")
    return _is_body_side(last, first)


def _is_modality(match: _Match) -> bool:
    """Return whether ``MR`` is magnetic resonance, before technical terms, not a title."""
    if match.name != "TITLE":
        return False
    title, *rest = [word for _, _, word in tokenize_row(match.text)]
    return title in ("MR", "MS") and all(map(is_technical_term, rest))


def _is_body_part_with_side(match: _Match) -> bool:
    """Return whether "Hand, R." is a body part and its side, not a surname and an initial."""
    return match.name == "INITIAL" and _is_body_side(*match.text.split(",")[:2])


def _is_clock_position(match: _Match) -> bool:
    """Return whether a time is a position on the breast: "3:00 RAD"."""
    return match.name == "TIMED" and is_technical_term(match.text.split()[-1])


def _is_setting_code(match: _Match) -> bool:
    """Return whether a code of letters and digits is a measurement or several settings."""
    return match.name == "CODE" and _CODE_RULES(match.text)


def _is_version(match: _Match) -> bool:
    """Return whether a match is a version number after a word such as "Software Version"."""
    word = match.text + (match.after.split(maxsplit=1) or [""])[0]
    return match.name not in ("UID", "DATETIME") and is_version(word, match.before)


def _is_scale(match: _Match) -> bool:
    """Return whether short numbers with blanks are the values of a quantity, or rise from 0."""
    if match.name != "DIGITS" or not _SHORT_NUMBERS.fullmatch(match.text):
        return False
    numbers = [int(number) for number in match.text.split()]
    if numbers[0] == 0 and numbers == sorted(set(numbers)):
        return True
    words = [word for _, _, word in tokenize_row(match.before)]
    return bool(words) and fold_text(words[-1]) in quantities()


def _is_tomography(match: _Match) -> bool:
    """Return whether "OCT 30" is a setting of optical coherence tomography."""
    return match.name.startswith("MONTH") and is_setting_like_date(
        match.before + match.text + match.after, len(match.before), match.text
    )


def is_setting_like_date(row: str, begin: int, text: str) -> bool:
    """Return whether a text with the shape of a date is a setting: "IR 30 ART + OCT 30".

    Parameters
    ----------
    row : str
        Row that holds the text.
    begin : int
        Offset of the text in the row.
    text : str
        Text with the shape of a date.
    """
    before, after = row[:begin], row[begin + len(text) :]
    if text.startswith("OCT") and _TOMOGRAPHY.search(f"{before} {after}"):
        return True
    return is_version(text, before)


def _is_transducer(match: _Match) -> bool:
    """Return whether a date is the number of a transducer and its preset: "C5-1/OB"."""
    is_preset = match.name == "DMY" and _TRANSDUCER_AND_PRESET.fullmatch(match.text)
    return bool(is_preset and _TRANSDUCER_LETTER.search(match.before))


def _is_range(match: _Match) -> bool:
    """Return whether a telephone number is a range of two numbers with decimals."""
    return match.name == "PHONE" and _DECIMAL_RANGE.fullmatch(match.text) is not None


_REJECTION_RULES = RuleList[[_Match], bool](
    "pixels.rejected_shape",
    rule_if("words_without_name", _is_words_without_name, True),
    rule_if("initial_with_body_part", _is_initial_with_body_part, True),
    rule_if("modality", _is_modality, True),
    rule_if("body_part_with_side", _is_body_part_with_side, True),
    rule_if("clock_position", _is_clock_position, True),
    rule_if("setting_code", _is_setting_code, True),
    rule_if("version", _is_version, True),
    rule_if("scale", _is_scale, True),
    rule_if("tomography", _is_tomography, True),
    rule_if("range", _is_range, True),
    rule_if("transducer", _is_transducer, True),
    default=False,
)


def _is_measurement(code: str) -> bool:
    """Return whether a code is a measurement with decimals or of two dimensions."""
    is_measured = _MEASUREMENT.fullmatch(code) is not None
    return is_measured and _DECIMAL_OR_PRODUCT.search(code) is not None


def _is_doubled_setting(code: str) -> bool:
    """Return whether a code is a setting between two values that are nearly equal."""
    match = _DOUBLED_SETTING.fullmatch(code)
    if match is None:
        return False
    return abs(int(match[1]) - int(match[2])) <= _DOUBLED_SETTING_MAX_DIFFERENCE


def _is_term_with_measurement(code: str) -> bool:
    """Return whether a code is a technical term and a measurement without the blank between."""
    match = _LETTERS_BEFORE_NUMBER.fullmatch(code)
    return match is not None and is_technical_term(match[1]) and _is_measurement(match[2])


_CODE_RULES = RuleList[[str], bool](
    "pixels.is_setting_code",
    rule_if("scan_range", _SCAN_RANGE.fullmatch, True),
    rule_if("glued_settings", _GLUED_SETTINGS.fullmatch, True),
    rule_if("sequence_name", is_sequence_name, True),
    rule_if("measurement", _is_measurement, True),
    rule_if("device_code", is_device_code, True),
    rule_if("term_with_measurement", _is_term_with_measurement, True),
    rule_if("doubled_setting", _is_doubled_setting, True),
    rule_if("gestational_age", _GESTATIONAL_AGE.fullmatch, True),
    default=False,
)


def _extend_date(row: str, begin: int, end: int) -> tuple[int, int]:
    """Return the range of a date with the time of day and the sex directly next to it.

    The last digit of a year may be apart from the others: "03-06-195 1".
    """
    rest = _REST_OF_YEAR.match(row, end)
    if rest is not None and _SHORT_YEAR.search(row[begin:end]):
        end = rest.end()
    for after in (_TIME_AFTER, _SEX_AFTER):
        if match := after.match(row, end):
            end = match.end()
    for before in (_TIME_BEFORE, _SEX_BEFORE):
        if match := before.search(row[:begin]):
            begin = match.start()
    return begin, end


def _has_name(text: str) -> bool:
    """Return whether a capitalized word of a text may be a name or is not in the vocabulary."""
    words = [word for _, _, word in tokenize_row(text) if len(word) > 1 and word[0].isupper()]
    return any(
        not is_allowed(w) or may_be_name(fold_text(w)) and fold_text(w) not in imaging_words()
        for w in words
    )


def _is_body_side(word: str, initial: str) -> bool:
    """Return whether a word with one letter is a body part with its side, and not a name."""
    folded, letter = fold_text(word).strip(" .,"), initial.strip(" .")[:1]
    if folded not in imaging_words():
        return False
    return letter in _DIRECTIONS or not is_known_name(folded) or folded in device_terms()


@lru_cache(maxsize=1)
def _load_expressions() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Return entity, name and expression of each row of the data file, in order."""
    data = (resources.files("safelight.pixels.phi") / "shape_rules.yaml").read_text("utf-8")
    rows: list[dict[str, str]] = yaml.safe_load(data)
    return tuple((row["entity"], row["name"], re.compile(row["pattern"])) for row in rows)
