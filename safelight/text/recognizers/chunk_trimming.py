"""Cut what the stages of the pipeline found to the words that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from safelight.records import Span
from safelight.text.known.name_support import DESCRIPTION_MAX_CHARACTERS
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import (
    given_names,
    is_known_name,
    is_name_rather_than_term,
    is_word,
    surnames_that_are_words,
)

_TRIM = " \t\n\r,;:.^_=/\\|()[]{}<>\"“”'‘’#*-–—&+"
#: Where a guessed name falls apart: at line ends, and at what joins the words of a protocol.
_LINES = re.compile(r"[\n\r|]+|_+")
_SMALL = re.compile(r"[^\W\d_]{2,}")
_HYPHENATED = re.compile(r"[-‐‑'’][^\W\d_]*[A-ZÀ-Þ][^\W\d_]+|-[A-Za-z0-9]+(?=\W|$)")
_HYPHENATED_BEFORE = re.compile(r"(?<![^\W\d_])[A-ZÀ-Þ][^\W\d_]{1,20}[-‐‑]\Z")
#: The sex behind a name: ``AL-HARBI, NOURA F 037Y``, ``Jose Manuel    M``.
_SEX = re.compile(r"[ \t]+[MF]\Z")
_SEX_BEHIND = re.compile(r"\s{1,4}(?:\d{1,3} ?[Yy]|\d{1,3}[-/ ]y|DOB|\d{2,4}[-./]\d)|\s{2,}\S|\t")
#: A key word in capitals before a name in small letters: ``SCRUB L Ochoa``.
_CAPITALS_BEFORE = re.compile(r"([A-Z]{4,}) (?=[A-ZÀ-Þ](?:[^\W\d_]*[a-zß-ÿ]|\.? [A-ZÀ-Þ][a-zß-ÿ]))")
#: What goes on with the name of a house: ``Brookhollow ASSISTED LIVING``.
_HOUSE = re.compile(
    r"(?: (?:Assisted Living|Imaging|Ctr|Center|Centre|Clinic|Hospital|Medical|Health|Healthcare|"
    r"Rehab|Nursing Home|Nursing|Associates|Pathology|Radiology|Surgery|Practice|Hospice|"
    r"University|College|School|High School|Elementary|Cardiology|Orthop(?:a)?edics|Dermatology|"
    r"Oncology|Neurology|Urology|Pediatrics|Gastroenterology|Family Medicine|Internal Medicine|"
    r"Urgent Care|Physical Therapy|Home Care|Home Health|Pharmacy|Villa|Village|Manor))+"
    r"(?![^\W\d_])",
    re.I,
)
_GIVEN_AFTER = re.compile(r", ?([A-ZÀ-Þ][^\W\d_]{2,20}|[A-ZÀ-Þ])(?![^\W\d_])\.?")
_ID_BEFORE = re.compile(r"(?<![A-Za-z0-9.])(?:[A-Za-z0-9]{1,8}-){1,3}\Z")
_GROUPS_BEFORE = re.compile(r"(?<![\d/.-])(?:\d{2,4} ){1,3}\Z")
_GLUED_ID = re.compile(r"(?:[-/][A-Za-z0-9]+)+(?![A-Za-z0-9])")
_WORD_BEHIND = re.compile(r" ([^\W\d_]{2,20})(?![^\W_])")
_WORD_BEFORE = re.compile(r"(?<![^\W_])([^\W\d_]{2,20}) \Z")
_PARTICLES = word_set("name_particles")


def whole_words(text: str, begin: int, end: int) -> tuple[int, int]:
    """The range widened to whole runs of letters and digits."""
    while begin > 0 and text[begin - 1].isalnum() and text[begin].isalnum():
        begin -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return begin, end


def _trim(text: str, span: Span) -> Span | None:
    begin, end = span.begin, span.end
    while begin < end and text[begin] in _TRIM:
        begin += 1
    while begin < end and text[end - 1] in _TRIM:
        end -= 1
    if text[end : end + 1] == ")" and "(" in text[begin:end] and ")" not in text[begin:end]:
        end += 1
    return replace(span, begin=begin, end=end) if begin < end else None


def _without(text: str, span: Span, cuts: Iterator[re.Match[str]]) -> Iterator[Span]:
    begin = span.begin
    for cut in cuts:
        yield replace(span, begin=begin, end=cut.start())
        begin = cut.end()
    yield replace(span, begin=begin)


def _small_words(text: str, span: Span) -> Iterator[re.Match[str]]:
    """Ordinary words in small letters within a name that is written with capitals."""
    for match in _SMALL.finditer(text, span.begin, span.end):
        word = fold_text(match.group())
        if match.start() and text[match.start() - 1] in "-‐‑'’":  # Hyun-woo
            continue
        if match.group().islower() and word not in _PARTICLES and is_word(word):
            yield match


def _glued(text: str, span: Span) -> Span:
    """A hyphenated name or an identifier as a whole: ``Patel-Novak``, ``FP-00193-RT``."""
    before = text[max(0, span.begin - 24) : span.begin]
    if span.entity in ("NAME", "LOCATION"):
        if head := _HYPHENATED_BEFORE.search(before):
            span = replace(span, begin=span.begin - len(head.group()))
        more = _HYPHENATED.match(text, span.end)
        if more and more.group()[1:2].isalpha():
            span = replace(span, end=more.end())
        house = _HOUSE.match(text, span.end) if span.entity == "LOCATION" else None
        if house and not any(map(str.islower, re.findall(r"(?<= )\w", house.group()))):
            span = replace(span, end=house.end())
        given = _GIVEN_AFTER.match(text, span.end)
        if span.entity == "NAME" and given and not is_word(fold_text(given[1])):
            span = replace(span, end=given.end())
    elif span.entity == "ID":
        long = sum(map(str.isdigit, text[span.begin : span.end])) > 2
        groups = _GROUPS_BEFORE.search(before) or _ID_BEFORE.search(before)
        if long and groups:
            span = replace(span, begin=span.begin - len(groups.group()))
        more = _GLUED_ID.match(text, span.end)
        if more:
            span = replace(span, end=more.end())
    return span


def _bare(text: str, span: Span) -> Span:
    """A name without the sex behind it and without a key word in capitals before it."""
    value = text[span.begin : span.end]
    sex = _SEX.search(value)
    if sex and (len(sex.group()) > 2 or _SEX_BEHIND.match(text, span.end)):
        span = replace(span, end=span.begin + sex.start())
    key = _CAPITALS_BEFORE.match(value)
    word = fold_text(key[1]) if key else ""
    if key and span.engine == "ner" and is_word(word) and not is_known_name(word):
        span = replace(span, begin=span.begin + key.end())
    return span


def _with_surname(text: str, span: Span) -> Span:
    """A given name with the surname beside it, be that a term too: ``Susan Head chest``.

    In capitals that is done in titles alone, where a surname may also stand first.
    """
    value = text[span.begin : span.end]
    if fold_text(value) not in given_names() or is_word(fold_text(value)):
        return span
    capitals = value.isupper()
    if capitals and len(text) > DESCRIPTION_MAX_CHARACTERS:
        return span
    behind = _WORD_BEHIND.match(text, span.end)
    if behind and _is_surname(behind[1], capitals):
        return replace(span, end=behind.end(1))
    before = _WORD_BEFORE.search(text, max(0, span.begin - 24), span.begin)
    if capitals and before and before[1].isupper():
        if is_name_rather_than_term(fold_text(before[1])):
            return replace(span, begin=before.start(1))
    return span


def _is_surname(word: str, capitals: bool) -> bool:
    alike = word.isupper() if capitals else word.istitle()
    return alike and fold_text(word) in surnames_that_are_words()


def pieces(text: str, span: Span) -> Iterator[Span]:
    """The parts of a chunk that are judged one by one: whole words, one line each."""
    begin, end = whole_words(text, span.begin, span.end)
    tight = _trim(text, replace(span, begin=begin, end=end))
    if tight is None:
        return
    whole = _glued(text, tight)
    if span.entity == "NAME":
        whole = _with_surname(text, _bare(text, whole))
    parts = [whole]
    if span.engine == "ner" and span.entity == "NAME":
        parts = list(_without(text, whole, _LINES.finditer(text, whole.begin, whole.end)))
        if any(map(str.isupper, text[whole.begin : whole.end])):
            parts = [
                p for part in parts for p in _without(text, part, _small_words(text, part))
            ]  # fmt: skip
    for part in parts:
        tight = _trim(text, part)
        if tight is not None:
            yield tight
