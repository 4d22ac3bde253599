"""Expressions for known identifiers, phone numbers, addresses, institutions and the like.

They match folded text. Each has a needle: letters and digits one of which stands together in
every text that the expression can match once all else is deleted from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from safelight.records import Span
from safelight.text.lexicon.folding import Folded, fold_text
from safelight.text.lexicon.words import everyday_words, is_placeholder, word_set

_KEY = (
    r"(?:\b(?:id|ids|mrn|nr|no|number|num|acc|acct|account|accession|pid|patient|pat|pt)|#)\W{0,3}"
)
_ABBREVIATIONS = {
    "street": "st|str", "avenue": "ave|av", "road": "rd", "boulevard": "blvd|bd", "drive": "dr",
    "lane": "ln", "court": "ct", "place": "pl", "square": "sq", "highway": "hwy",
    "parkway": "pkwy", "terrace": "ter", "circle": "cir", "apartment": "apt", "suite": "ste",
    "north": "n", "south": "s", "east": "e", "west": "w", "saint": "st", "hospital": "hosp",
    "medical": "med", "center": "ctr|centre|cntr", "centre": "ctr|center", "university": "univ|uni",
    "department": "dept", "strasse": "str", "general": "gen", "memorial": "mem", "mount": "mt",
}  # fmt: skip
_SHORT_FORMS: dict[str, list[str]] = {}
for _long, _short in _ABBREVIATIONS.items():
    for _form in _short.split("|"):
        _SHORT_FORMS.setdefault(_form, []).append(_long)
_INSTITUTION_WORDS = word_set("institution_words")


@dataclass(frozen=True)
class Expression:
    """A pattern over folded text; without a needle, ``pattern`` is a plain word to look up."""

    needle: str
    pattern: str
    entity: str
    kind: str
    whole: bool = False
    compiled: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "compiled", re.compile(self.pattern))

    def find(self, folded: Folded) -> Iterator[Span]:
        """All spans in a folded text; the value itself when the pattern has a group."""
        if self.whole and self.needle == folded.text.strip():
            start = folded.text.index(self.needle)
            begin, end = folded.original(start, start + len(self.needle))
            yield Span(begin, end, self.entity, "known", 1.0, self.kind)
            return
        for match in self.compiled.finditer(folded.text):
            begin, end = folded.original(*match.span(match.lastindex or 0))
            yield Span(begin, end, self.entity, "known", 1.0, self.kind)


def _joined(characters: str, gap: str) -> str:
    return gap.join(map(re.escape, characters))


def _digits(core: str, entity: str, kind: str) -> Expression:
    """A number without its leading zeros."""
    is_year = len(core) == 4 and core[:2] in ("19", "20")
    if len(core) <= 3 or is_year:  # too common to be hidden wherever it stands
        return Expression(core, rf"{_KEY}(0{{0,9}}{core})(?![a-z0-9])", entity, kind, whole=True)
    if len(core) <= 5:
        pattern = rf"(?<![0-9])(?<![0-9]\.)0{{0,9}}{core}(?![0-9]|\.[0-9])"
    else:
        pattern = rf"(?<![0-9])0{{0,9}}{_joined(core, '[ ./_-]?')}(?![0-9])"
    return Expression(core, pattern, entity, kind)


def identifier_expressions(entity: str, text: str, kind: str) -> Iterator[Expression]:
    """An identifier with any separators and any number of leading zeros."""
    folded = fold_text(text).strip()
    compact = "".join(filter(str.isalnum, folded))
    if is_placeholder(compact):
        return
    if compact.isdigit():
        if re.fullmatch(r"[0-9]+(?:\.[0-9]+){4,}", folded):  # a UID
            pattern = rf"(?<![0-9.]){re.escape(folded)}(?![0-9])"
            yield Expression(compact, pattern, entity, kind)
        else:
            yield _digits(compact.lstrip("0"), entity, kind)
        return
    runs = re.findall(r"[0-9]+|[^0-9]+", compact)
    if len(runs) == 1:
        yield Expression("", compact, entity, kind)
        return
    parts = []
    for run in runs:
        stripped = run.lstrip("0") or "0"
        joined = _joined(stripped if run.isdigit() else run, "[ ./_-]?")
        parts.append(("0{0,9}" if run.isdigit() else "") + joined)
    pattern = "[ ./_-]{0,2}".join(parts)
    left = "(?<![0-9])" if compact[0].isdigit() else "(?<![^\\W0-9_])"
    right = "(?![0-9])" if compact[-1].isdigit() else "(?![^\\W0-9_])"
    numbers = sorted((run.lstrip("0") for run in runs if run.isdigit()), key=len)
    letters = max((run for run in runs if not run.isdigit()), key=len)
    # one of two needles: letters when the numbers are short
    needle = numbers[-1] if len(numbers[-1]) >= len(letters) else letters
    if len(compact) <= 3:  # L4 and T12 are vertebrae
        yield Expression(needle, rf"{_KEY}({pattern})(?![a-z0-9])", entity, kind)
        return
    yield Expression(needle, left + pattern + right, entity, kind)
    if len(numbers[-1]) >= 5:
        yield _digits(numbers[-1], entity, kind)


def contact_expressions(entity: str, text: str, kind: str) -> Iterator[Expression]:
    """A phone or fax number with any separators, or an address as it is written."""
    folded = fold_text(text).strip()
    digits = "".join(filter(str.isdigit, folded))
    if "@" in folded or sum(map(str.isalpha, folded)) > len(digits):
        compact = "".join(c for c in folded if c.isalnum())
        pattern = rf"(?<![a-z0-9]){re.escape(folded)}(?![a-z0-9])"
        if len(compact) > 3:
            yield Expression(compact, pattern, entity, kind)
        local = folded.split("@")[0]
        plain = "".join(c for c in local if c.isalnum())
        if "@" in folded and len(plain) >= 6 and plain not in everyday_words():
            pattern = rf"(?<![a-z0-9]){re.escape(local)}(?![a-z0-9])"
            yield Expression(plain, pattern, entity, kind)
        return
    if len(digits) < 7:
        return
    gap = r"[ ().\-/]{0,3}"
    core = digits[-10:].lstrip("0") if len(digits) > 9 else digits.lstrip("0")
    for number in {core, core[-7:]} if len(core) == 10 else {core}:
        if len(number) >= 6:
            pattern = (
                rf"(?<![0-9])(?:\+?[0-9]{{1,3}}{gap})?[(0]{{0,2}}{_joined(number, gap)}(?![0-9])"
            )
            yield Expression(number, pattern, entity, kind)


def _alternatives(token: str) -> str:
    forms = [token, *_ABBREVIATIONS.get(token, "").split("|"), *_SHORT_FORMS.get(token, [])]
    return "(?:" + "|".join(re.escape(form) for form in dict.fromkeys(forms) if form) + ")"


def phrase_expressions(entity: str, text: str, kind: str) -> Iterator[Expression]:
    """A place or an organisation: its parts between commas, with the usual abbreviations."""
    for part in re.split(r"[,;^\n\r\t\\=()]+", fold_text(text)):
        tokens = re.findall(r"[^\W_]+", part)
        while tokens and re.fullmatch(r"[0-9]{5}|[0-9]{9}", tokens[-1]) and len(tokens) > 1:
            yield _digits(tokens.pop().lstrip("0"), entity, kind or "ZIP")
        if not tokens or is_placeholder("".join(tokens)):
            continue
        if len(tokens) == 1:
            token = tokens[0]
            if token.isdigit():
                yield _digits(token.lstrip("0"), entity, kind)
            elif len(token) > 2:
                yield Expression("", token, entity, kind)
            continue
        yield _phrase(tokens, entity, kind)
        telling = list(tokens)
        while telling and telling[-1] in _INSTITUTION_WORDS:
            telling.pop()
        while telling and telling[0] in ("the", "university", "institute", "of"):
            telling.pop(0)
        if telling == tokens or not telling:
            continue
        if len(telling) > 1:
            yield _phrase(telling, entity, kind)
        elif len(telling[0]) > 3:
            yield Expression("", telling[0], entity, kind)


def _phrase(tokens: list[str], entity: str, kind: str) -> Expression:
    fixed = [t for t in tokens if t not in _ABBREVIATIONS and t not in _SHORT_FORMS]
    needle = max(fixed or [""], key=len)
    pattern = r"[\W_]{0,4}".join(map(_alternatives, tokens))
    if not needle:  # every word of it may be shortened: its first letter is all that stays
        needle = tokens[0][0]
    return Expression(needle, rf"(?<![^\W_]){pattern}(?![^\W_])", entity, kind)


def value_expressions(entity: str, text: str, kind: str) -> Iterator[Expression]:
    """The expressions of any known value that is neither a name nor a date."""
    if entity == "ID":
        return identifier_expressions(entity, text, kind)
    if entity == "CONTACT":
        return contact_expressions(entity, text, kind)
    return phrase_expressions(entity, text, kind)
