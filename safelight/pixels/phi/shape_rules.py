"""What identifies by its form: dates, times, numbers, streets, names written as such."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

import yaml

from safelight.pixels.lexicon.allow_list import (
    device_terms,
    is_allowed,
    is_sequence_name,
    is_technical_term,
    tokenize_row,
)
from safelight.records import Span
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import (
    imaging_words,
    is_borne,
    may_be_name,
)

#: What may follow or go before a date and belongs to it: a time, and the sex.
_CLOCK_AFTER = re.compile(r"[\s,T-]{1,3}(?:[01]?\d|2[0-3])[:h.][0-5]\d(?:[:.][0-5]\d)?(?![\d:])")
#: A time of day that directly follows the digits of a date, the blank between them not read.
_CLOCK_GLUED = re.compile(r"\d{0,2}:[0-5]\d(?:[:.][0-5]\d)?(?![\d:])")
_CLOCK_BEFORE = re.compile(r"(?<![\d:.])(?:[01]?\d|2[0-3])[:h][0-5]\d(?:[:.][0-5]\d)?[\s,-]{1,3}$")
_SEX_AFTER = re.compile(r"[\s,/]{1,3}(?:[MFWmf]|(?:fe)?male)(?![\w.=:])", re.IGNORECASE)
_SEX_BEFORE = re.compile(r"(?<![\w.])(?:[MFW]|(?:fe)?male)[\s,/]{1,3}$", re.IGNORECASE)
#: Codes that are measured: 512x128, I42.5-I487.0, 2L4.87cm. No number in them is long.
_MEASURED = re.compile(
    r"(?:[A-Za-z]{0,3}\d{1,4}(?:\.\d{1,3})?[-x×/]?){1,3}[A-Za-z%²]{0,4}\d?[A-Za-z]{0,3}"
)

#: Settings read without the blanks between them: W350L50, TR450TE12.
_SETTINGS = re.compile(
    r"(?:(?:W|L|C|WW|WL|WC|SL|ST|SP|TR|TE|TI|FA|KV|MA|MAS|FOV|IM|SE)[:=]?\d{1,4}){2,4}",
    re.IGNORECASE,
)


def find_shapes(row: str) -> list[Span]:
    """Spans of a row of text that identify by their form."""
    found: list[Span] = []
    for entity, name, pattern in _forms():
        for match in pattern.finditer(row):
            if name in ("COMMA", "FIRST", "SENTENCE") and not _holds_name(match[0]):
                first, _, last = match[0].partition(".")
                if name != "FIRST" or _is_side(last, first):
                    continue
            if name == "TITLE" and _is_modality(match[0]):
                continue
            if name == "INITIAL" and _is_side(*match[0].split(",")[:2]):
                continue
            if name == "TIMED" and is_technical_term(match[0].split()[-1]):
                continue  # a place on the breast: 3:00 RAD
            if name == "CODE" and _is_setting(match[0]):
                continue
            begin, end = match.span()
            if entity == "DATE" and not name.startswith("TIME"):
                begin, end = _with_clock(row, begin, end)
            elif entity == "ID" and (glued := _CLOCK_GLUED.match(row, end)):
                end = glued.end()
            found.append(Span(begin, end, entity, "form", 1.0, name))
    return found


def _with_clock(row: str, begin: int, end: int) -> tuple[int, int]:
    """A date with the time of day, and the sex, that stand directly beside it."""
    for after in (_CLOCK_AFTER, _SEX_AFTER):
        if match := after.match(row, end):
            end = match.end()
    for before in (_CLOCK_BEFORE, _SEX_BEFORE):
        if match := before.search(row[:begin]):
            begin = match.start()
    return begin, end


def _holds_name(text: str) -> bool:
    """Whether a word of a text is borne as a name, or in no vocabulary."""
    words = [word for _, _, word in tokenize_row(text) if len(word) > 1 and word[0].isupper()]
    return any(
        not is_allowed(w) or may_be_name(fold_text(w)) and fold_text(w) not in imaging_words()
        for w in words
    )


def _is_side(word: str, initial: str) -> bool:
    """Whether a word with one letter is a part of the body with its side, and no name."""
    folded, letter = fold_text(word).strip(" .,"), initial.strip(" .")[:1]
    if folded not in imaging_words():
        return False
    return letter in "LRAP" or not is_borne(folded) or folded in device_terms()


def _is_modality(text: str) -> bool:
    """Whether ``MR`` stands for magnetic resonance, before words of the trade."""
    title, *rest = [word for _, _, word in tokenize_row(text)]
    return title in ("MR", "MS") and all(map(is_technical_term, rest))


def _is_setting(code: str) -> bool:
    """Whether a code of letters and digits is a number with its unit, or several."""
    if re.fullmatch(r"(?:[A-Z]\d+\.\d+-?){1,2}[\d.]*", code):
        return True  # a scan range, with what the row says after it
    if _SETTINGS.fullmatch(code):
        return True
    if is_sequence_name(code):
        return True
    measured = _MEASURED.fullmatch(code) is not None and re.search(r"\d[.x×]\d", code)
    return bool(measured) or re.fullmatch(r"\d{1,2}w\d{1,2}d", code) is not None


@lru_cache(maxsize=1)
def _forms() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    data = (resources.files("safelight.pixels.phi") / "shape_rules.yaml").read_text("utf-8")
    rows: list[dict[str, str]] = yaml.safe_load(data)
    return tuple((row["entity"], row["name"], re.compile(row["pattern"])) for row in rows)
