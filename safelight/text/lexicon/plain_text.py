"""Write a text in plain characters before anything is searched in it, with a map of the offsets.

Digits and letters of other widths and digits of other scripts become ASCII. Invisible characters
are removed, and control characters that PS3.5, section 6.1.3, does not allow in a text. Combining
marks are composed with their letter or removed, and letters of other scripts that look like Latin
ones are replaced in Latin words. Other text stays as it is: case, diacritics, and words of other
scripts.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import lru_cache

from safelight.records import Span
from safelight.text.lexicon.folding import Folded

#: Typographic hyphens and spaces, and separators that look like those of identifiers.
_PLAIN_MARKS = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\ufe63\u2043", "-"),
    **dict.fromkeys("\u00a0\u202f\u3000", " "),
    **{chr(code): " " for code in range(0x2000, 0x200B)},
    **dict.fromkeys("\u2215\u2044\u29f8", "/"),
    **dict.fromkeys("\u0589\ua789\u2236", ":"),
    "\u2024": ".",
}  # fmt: skip
#: Compatibility forms that differ from ASCII in their shape only, not in their meaning.
_SHAPE_FORMS = ("<wide>", "<narrow>", "<font>", "<circle>", "<square>")
_LIGATURES = range(0xFB00, 0xFB07)
#: Cyrillic and Greek letters with the shape of a Latin one (Unicode Technical Standard 39).
_CYRILLIC = "аеорсухіѕјԁԛԝһӏАВЕКМНОРСТУХЅІЈԌҮ"
_CYRILLIC_AS_LATIN = "aeopcyxisjdqwhlABEKMHOPCTYXSIJGY"
_GREEK = "οΑΒΕΖΗΙΚΜΝΟΡΤΥΧνι"
_GREEK_AS_LATIN = "oABEZHIKMNOPTYXvi"
_HOMOGLYPHS = str.maketrans(_CYRILLIC + _GREEK, _CYRILLIC_AS_LATIN + _GREEK_AS_LATIN)
_HOMOGLYPH = re.compile(f"[{_CYRILLIC}{_GREEK}]")
#: Control characters that no text may contain, as a text in UTF-16 that is read as ASCII does.
_CONTROL = re.compile("[\0-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_LATIN = re.compile("[A-Za-z]")
_OTHER_ALPHABET = re.compile("[\u0370-\u03ff\u0400-\u052f]")


@lru_cache(maxsize=8192)
def _plain_character(character: str) -> str:
    """Return the plain form of one character: no, one or several characters."""
    mark = _PLAIN_MARKS.get(character)
    if mark is not None:
        return mark
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    form = unicodedata.decomposition(character).partition(" ")[0]
    if form in _SHAPE_FORMS or ord(character) in _LIGATURES:
        plain = unicodedata.normalize("NFKC", character)
        return plain if plain.isascii() else character
    return character


def _is_mark_of_letter(character: str, before: str) -> bool:
    """Return whether a combining mark follows a Latin, Greek or Cyrillic letter, or a digit."""
    if not unicodedata.combining(character) and unicodedata.category(character) != "Me":
        return False
    return before < "\u0530" or "\u1e00" <= before <= "\u1fff"


def plain_text(text: str) -> Folded:
    """Return a text in plain characters, with its offsets.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    Folded
        The text in plain characters; the same text if it has no other ones.
    """
    if text.isascii() and (text.isprintable() or not _CONTROL.search(text)):
        return Folded(text, range(len(text) + 1))
    pieces: list[str] = []
    starts: list[int] = []
    for offset, character in enumerate(text):
        if character < "\u0080":
            if _CONTROL.match(character):
                continue
            pieces.append(character)
            starts.append(offset)
            continue
        if pieces and _is_mark_of_letter(character, pieces[-1]):
            composed = unicodedata.normalize("NFC", pieces[-1] + character)
            if len(composed) == 1:
                pieces[-1] = composed
            continue
        plain = _plain_character(character)
        pieces.extend(plain)
        starts.extend([offset] * len(plain))
    starts.append(len(text))
    return Folded(_replace_homoglyphs("".join(pieces)), starts)


def restore_offsets(spans: list[Span], plain: Folded) -> list[Span]:
    """Return the spans of a plain text with the offsets of its original.

    Parameters
    ----------
    spans : list of Span
        Spans in the plain text; none is empty.
    plain : Folded
        Plain text with its offsets.
    """
    if isinstance(plain.starts, range):
        return spans
    return [
        replace(span, begin=begin, end=end)
        for span in spans
        for begin, end in [plain.original(span.begin, span.end)]
    ]


def _replace_homoglyphs(text: str) -> str:
    """Return a text with Latin letters for those that only look Latin, in Latin words.

    A word is Latin if it has a Latin letter, or if all its letters look Latin and the text has
    more Latin letters than others.
    """
    if not _HOMOGLYPH.search(text):
        return text
    others = len(_OTHER_ALPHABET.findall(text))
    is_latin_text = len(_LATIN.findall(text)) > 2 * others

    def as_latin(match: re.Match[str]) -> str:
        word = match.group()
        if not _HOMOGLYPH.search(word):
            return word
        plain = word.translate(_HOMOGLYPHS)
        has_only_latin = _OTHER_ALPHABET.search(plain) is None
        if has_only_latin and (_LATIN.search(word) or is_latin_text):
            return plain
        return word

    return _WORD.sub(as_latin, text)
