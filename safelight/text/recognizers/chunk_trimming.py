"""Cut the chunks of the pipeline to the words that are a name, a place or an identifier."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from safelight.records import Span
from safelight.text.known.name_support import DESCRIPTION_MAX_CHARACTERS
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import expand_lists, word_set
from safelight.text.lexicon.words import (
    given_names,
    is_listed_name,
    is_name_rather_than_term,
    is_word,
    surnames_that_are_words,
)

#: Characters before a chunk in which the rest of a hyphenated name or an identifier is looked for.
_CHARACTERS_BEFORE = 24
#: Digits from which on an identifier takes in the groups before it.
_GROUPED_ID_MIN_DIGITS = 3

#: Punctuation that is cut from both ends.
_PUNCTUATION = " \t\n\r,;:.^_=/\\|()[]{}<>\"“”'‘’#*-–—&+"
#: Separators at which a guessed name is split: line ends, the underscores of a protocol, a dash.
_SEPARATOR = re.compile(
    r"[\n\r|]+|_+| [-–—] |[?!] |(?<=[a-zß-ÿ]{4})(?<!\b[Pp]rof)\. |(?<= [IVX])\. (?=[A-Z]{2,}s?\b)|"
    r"\.? (?:(?:[Kk]ind|[Bb]est|[Ww]arm) )?(?:[Rr]egards|Sincerely|Thanks|Cheers),? "
)
_WORD = re.compile(r"[^\W\d_]{2,}")
#: Half of a slash abbreviation at a border of a guess: ``a.`` of ``n/a. Haggitt``.
_HALF_OF_SLASHED_BEFORE = re.compile(r"[a-z]\.? (?=\S)")
_HALF_OF_SLASHED_AFTER = re.compile(r" [a-z]\Z")
_HYPHEN_OR_APOSTROPHE = "-‐‑'’"
_HYPHENATED_AFTER = re.compile(r"[-‐‑'’][^\W\d_]*[A-ZÀ-Þ][^\W\d_]+|-[A-Za-z0-9]+(?=\W|$)")
_HYPHENATED_BEFORE = re.compile(r"(?<![^\W\d_])[A-ZÀ-Þ][^\W\d_]{1,20}[-‐‑]\Z")
#: The sex after a name: ``AL-HARBI, NOURA F 037Y``, ``Jose Manuel    M``.
_SEX = re.compile(r"[ \t]+[MF]\Z")
_AGE_OR_COLUMN_AFTER = re.compile(
    r"\s{1,4}(?:\d{1,3} ?[Yy]|\d{1,3}[-/ ]y|DOB|\d{2,4}[-./]\d)|\s{2,}\S|\t"
)
#: A label in capitals before a name in mixed case: ``SCRUB L Ochoa``.
_CAPITAL_LABEL = re.compile(r"([A-Z]{3,}) (?=[A-ZÀ-Þ](?:[^\W\d_]*[a-zß-ÿ]|\.? [A-ZÀ-Þ][a-zß-ÿ]))")
#: The rest of the name of an institution: ``Brookhollow ASSISTED LIVING``.
_INSTITUTION_AFTER = re.compile(
    expand_lists(r"(?: <list:institutions.name_end>)+(?![^\W\d_])"), re.I
)
_FIRST_LETTER = re.compile(r"(?<= )\w")
_GIVEN_NAME_AFTER = re.compile(
    r", ?(?!(?:M\.?D|D\.?O|R\.?N|N\.?P|P\.?A|B\.?S|F\.?A|L\.?P|C\.?N)(?![a-zß-ÿ]))"
    r"([A-ZÀ-Þ][^\W\d_]{2,20}|[A-ZÀ-Þ])(?![^\W\d_])\.?"
)
_ID_GROUPS_BEFORE = re.compile(r"(?<![A-Za-z0-9.])(?:[A-Za-z0-9]{1,8}-){1,3}\Z")
_NUMBER_GROUPS_BEFORE = re.compile(r"(?<![\d/.:-])(?:\d{2,4} ){1,3}\Z")
_ID_GROUPS_AFTER = re.compile(r"(?:[-/][A-Za-z0-9]+)+(?![A-Za-z0-9])")
#: Letter after a word for a specimen, before a name.
_LETTER_OF_SPECIMEN = re.compile(r"[A-H]\.? (?=[A-ZÀ-Þ][^\W\d_])")
_SPECIMEN_BEFORE = re.compile(
    r"\b(?:core|part|block|specimen|slide|jar|container|biopsy|site|bottle) \Z", re.I
)
_NUMBER_BEFORE_ADDRESS = re.compile(r"\d{1,4} (?=\d{1,3}(?:\.\d{1,3}){3}(?!\d))")
#: Punctuation that was dictated, and what follows it.
_SPOKEN_MARK = re.compile(
    r"\s+(?:full stop|period|comma|semicolon|new (?:line|paragraph))(?!\w)", re.I
)
#: Time of day after a date: ``1/23 0600``.
_TIME_AFTER_DATE = re.compile(
    r"(?<=[\d/])[,.]? (?:at |@ ?)?(?:[01]\d|2[0-3]):?[0-5]\d ?(?:h|hrs|hours)?\Z", re.I
)
#: Minutes of a time at the begin of a guess, and hours at its end: ``14:05 H-2209``.
_MINUTES_BEFORE = re.compile(r"[0-5]\d(?:[AaPp][Mm])? (?=\S)")
_HOURS_AT_END = re.compile(r"(?<=\d) (?:[01]?\d|2[0-3])\Z")
_MINUTES_AFTER = re.compile(r":[0-5]\d(?!\d)")
_SLASHED_DATE = re.compile(r"\d{1,2}[/.-]\d{1,2}")
#: Particles with a capital before a surname, and a surname after a particle.
_PARTICLE_BEFORE = re.compile(
    r"(?<![^\W\d_])(?:El|Al|V[ao]n(?: de[rn]?)?|De(?: [Ll]a| [Ll]os)?|D[ai]|Del|Dos|La|Le|Ben|Bin|"
    r"Abu|Ter|Ten|Mac) \Z"
)
_PARTICLE_AFTER = re.compile(
    r" (?:ap|ab|ferch|bin|bint|ibn|van|von|d[aeio]|dos|das|del|der|al|el|u[lrdz]|y|e)"
    r"(?: la| los| de[rn])? "
    r"(?!(?:Dr|Mr|Mrs|Ms|Sr|Sra|Dra)\b)[A-ZÀ-Þ][^\W\d_]+"
)
_PARTICLE_AT_END = re.compile(r" [a-z]{1,5}\Z")
_WORD_AFTER = re.compile(r" ([^\W\d_]{2,20})(?![^\W_])")
_WORD_BEFORE = re.compile(r"(?<![^\W_])([^\W\d_]{2,20}) \Z")


def split_chunk(text: str, span: Span) -> Iterator[Span]:
    """Yield the parts of a chunk that are judged separately: whole words, each on one line.

    Parameters
    ----------
    text : str
        Whole text.
    span : Span
        Chunk of the model or of a gazetteer.

    Yields
    ------
    Span
        Copies of the chunk with another range, without punctuation at their ends.
    """
    begin, end = widen_to_words(text, span.begin, span.end)
    trimmed = _trim(text, replace(span, begin=begin, end=end))
    if trimmed is None:
        return
    for step in _STEPS.get(span.entity, ()):
        trimmed = step(text, trimmed)
    parts = [trimmed]
    if span.engine == "ner" and span.entity == "NAME":
        separators = _SEPARATOR.finditer(text, trimmed.begin, trimmed.end)
        parts = list(_split_at(trimmed, separators))
        if any(map(str.isupper, text[trimmed.begin : trimmed.end])):
            parts = [
                piece for part in parts for piece in _split_at(part, _lowercase_words(text, part))
            ]
    for part in parts:
        piece = _trim(text, part)
        if piece is not None:
            yield piece


def widen_to_words(text: str, begin: int, end: int) -> tuple[int, int]:
    """Return a range widened to whole runs of letters and digits.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of one character or more, in code points; ``end`` is exclusive.

    Returns
    -------
    tuple of int
        Begin and end of the widened range.
    """
    while begin > 0 and text[begin - 1].isalnum() and text[begin].isalnum():
        begin -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return begin, end


def _trim(text: str, span: Span) -> Span | None:
    """Return a span without punctuation at its ends, or None if nothing is left."""
    begin, end = span.begin, span.end
    while begin < end and text[begin] in _PUNCTUATION:
        begin += 1
    while begin < end and text[end - 1] in _PUNCTUATION:
        end -= 1
    if text[end : end + 1] == ")" and "(" in text[begin:end] and ")" not in text[begin:end]:
        end += 1
    return replace(span, begin=begin, end=end) if begin < end else None


def _split_at(span: Span, cuts: Iterable[re.Match[str]]) -> Iterator[Span]:
    """Yield the parts of a span between matches."""
    begin = span.begin
    for cut in cuts:
        yield replace(span, begin=begin, end=cut.start())
        begin = cut.end()
    yield replace(span, begin=begin)


def _lowercase_words(text: str, span: Span) -> Iterator[re.Match[str]]:
    """Yield the words in lower case that are ordinary or no names, without name particles."""
    for match in _WORD.finditer(text, span.begin, span.end):
        if match.start() and text[match.start() - 1] in _HYPHEN_OR_APOSTROPHE:  # Hyun-woo
            continue
        if not match.group().islower():
            continue
        word = fold_text(match.group())
        if word in word_set("name_particles"):
            continue
        is_other_word = match.start() > span.begin and not is_listed_name(word)
        if is_word(word) or is_other_word:
            yield match


# --- Steps that change the range of a chunk of one entity


def _with_hyphenated_parts(text: str, span: Span) -> Span:
    """Return a name or a place with its parts beyond a hyphen: ``Patel-Novak``."""
    if head := _HYPHENATED_BEFORE.search(_text_before(text, span)):
        span = replace(span, begin=span.begin - len(head.group()))
    tail = _HYPHENATED_AFTER.match(text, span.end)
    if tail and tail.group()[1:2].isalpha():
        span = replace(span, end=tail.end())
    return span


def _with_institution(text: str, span: Span) -> Span:
    """Return a place with the rest of the name of an institution, if its words have capitals."""
    rest = _INSTITUTION_AFTER.match(text, span.end)
    if rest and not any(map(str.islower, _FIRST_LETTER.findall(rest.group()))):
        span = replace(span, end=rest.end())
    return span


def _with_given_name(text: str, span: Span) -> Span:
    """Return a surname with a given name or an initial after a comma."""
    given = _GIVEN_NAME_AFTER.match(text, span.end)
    if given and not is_word(fold_text(given[1])):
        span = replace(span, end=given.end())
    return span


def _with_id_groups(text: str, span: Span) -> Span:
    """Return an identifier with the groups before and after it: ``FP-00193-RT``."""
    before = _text_before(text, span)
    groups = _NUMBER_GROUPS_BEFORE.search(before) or _ID_GROUPS_BEFORE.search(before)
    digits = sum(map(str.isdigit, text[span.begin : span.end]))
    if groups and digits >= _GROUPED_ID_MIN_DIGITS:
        span = replace(span, begin=span.begin - len(groups.group()))
    rest = _ID_GROUPS_AFTER.match(text, span.end)
    return replace(span, end=rest.end()) if rest else span


def _without_number_before_address(text: str, span: Span) -> Span:
    """Return a contact without a number before an IP address: ``350 10.1.2.3``."""
    number = _NUMBER_BEFORE_ADDRESS.match(text, span.begin, span.end)
    return replace(span, begin=number.end()) if number else span


def _without_sex(text: str, span: Span) -> Span:
    """Return a name without the letter of the sex after it."""
    sex = _SEX.search(text[span.begin : span.end])
    if sex and (len(sex.group()) > 2 or _AGE_OR_COLUMN_AFTER.match(text, span.end)):
        return replace(span, end=span.begin + sex.start())
    return span


def _without_half_of_slashed(text: str, span: Span) -> Span:
    """Return a guessed name without half of an abbreviation: of ``n/a. Haggitt`` the ``a.``."""
    if text[span.begin - 1 : span.begin] == "/":
        half = _HALF_OF_SLASHED_BEFORE.match(text, span.begin, span.end)
        span = replace(span, begin=half.end()) if half else span
    if text[span.end : span.end + 1] == "/":
        half = _HALF_OF_SLASHED_AFTER.search(text[span.begin : span.end])
        span = replace(span, end=span.begin + half.start()) if half else span
    return span


def _without_letter_of_specimen(text: str, span: Span) -> Span:
    """Return a guessed name without the letter of a specimen: ``core B. Kowalczyk``."""
    letter = _LETTER_OF_SPECIMEN.match(text, span.begin, span.end)
    if letter is None or not _SPECIMEN_BEFORE.search(_text_before(text, span)):
        return span
    return replace(span, begin=letter.end())


def _without_label(text: str, span: Span) -> Span:
    """Return a guessed name without a label in capitals before it."""
    if span.engine != "ner":
        return span
    label = _CAPITAL_LABEL.match(text[span.begin : span.end])
    word = fold_text(label[1]) if label else ""
    if label and not is_listed_name(word):
        return replace(span, begin=span.begin + label.end())
    return span


def _without_spoken_mark(text: str, span: Span) -> Span:
    """Return a name or a place up to dictated punctuation: ``st johns full stop``."""
    mark = _SPOKEN_MARK.search(text, span.begin, span.end)
    return replace(span, end=mark.start()) if mark else span


def _without_time(text: str, span: Span) -> Span:
    """Return a date without a time of day of four digits after it."""
    time = _TIME_AFTER_DATE.search(text[span.begin : span.end])
    if time is None or not _SLASHED_DATE.fullmatch(text, span.begin, span.begin + time.start()):
        return span
    return replace(span, end=span.begin + time.start())


def _without_half_of_time(text: str, span: Span) -> Span:
    """Return a date or an identifier without the minutes or the hours of a time next to it."""
    if text[span.begin - 1 : span.begin] == ":" and text[span.begin - 2 : span.begin - 1].isdigit():
        minutes = _MINUTES_BEFORE.match(text, span.begin, span.end)
        span = replace(span, begin=minutes.end()) if minutes else span
    if _MINUTES_AFTER.match(text, span.end):
        hours = _HOURS_AT_END.search(text[span.begin : span.end])
        span = replace(span, end=span.begin + hours.start()) if hours else span
    return span


def _with_particles(text: str, span: Span) -> Span:
    """Return a name with a particle before it, and a particle and a surname after it."""
    if before := _PARTICLE_BEFORE.search(_text_before(text, span)):
        span = replace(span, begin=span.begin - len(before.group()))
    end = span.end
    if particle := _PARTICLE_AT_END.search(text[span.begin : end]):
        end = span.begin + particle.start()
    after = _PARTICLE_AFTER.match(text, end)
    return replace(span, end=after.end()) if after else span


def _with_surname(text: str, span: Span) -> Span:
    """Return a given name with the surname next to it, even if it is a term: ``Susan Head``.

    A surname before a given name in capitals is taken in descriptions only.
    """
    value = text[span.begin : span.end]
    if fold_text(value) not in given_names() or is_word(fold_text(value)):
        return span
    capitals = value.isupper()
    if capitals and len(text) > DESCRIPTION_MAX_CHARACTERS:
        return span
    after = _WORD_AFTER.match(text, span.end)
    if after and _is_surname(after[1], capitals):
        return replace(span, end=after.end(1))
    before = _WORD_BEFORE.search(text, max(0, span.begin - _CHARACTERS_BEFORE), span.begin)
    if capitals and before and before[1].isupper():
        if is_name_rather_than_term(fold_text(before[1])):
            return replace(span, begin=before.start(1))
    return span


def _is_surname(word: str, capitals: bool) -> bool:
    """Return whether a word in the case of the given name is a surname that is a word too."""
    same_case = word.isupper() if capitals else word.istitle()
    return same_case and fold_text(word) in surnames_that_are_words()


def _text_before(text: str, span: Span) -> str:
    """Return the characters before a span."""
    return text[max(0, span.begin - _CHARACTERS_BEFORE) : span.begin]


_STEPS: dict[str, tuple[Callable[[str, Span], Span], ...]] = {
    "NAME": (
        _without_spoken_mark,
        _without_half_of_slashed,
        _with_hyphenated_parts,
        _with_given_name,
        _without_sex,
        _without_label,
        _without_letter_of_specimen,
        _with_surname,
        _with_particles,
    ),
    "LOCATION": (_without_spoken_mark, _with_hyphenated_parts, _with_institution),
    "DATE": (_without_half_of_time, _without_time),
    "ID": (_without_half_of_time, _with_id_groups),
    "CONTACT": (_without_number_before_address,),
}
