"""A guess of the text model, and the tests for common words that several entities share."""

from __future__ import annotations

import re
from typing import NamedTuple

from safelight.text.known.name_support import DESCRIPTION_MAX_CHARACTERS
from safelight.text.language import is_foreign_text
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.phrases import abbreviations, is_known_phrase, known_phrases, tokenize
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import is_frequent_name, is_imaging_term, is_listed_name, is_word
from safelight.text.recognizers.eponyms.descriptions import is_description_term
from safelight.text.recognizers.shorthand import (
    CONTEXT_CHARACTERS,
    context_of,
    is_abbreviating_letter,
    is_abbreviation,
    is_field_label,
)

#: Confidence of the model from which on words that no list has are believed, and from which on a
#: word of the dictionary with a capital is a name. Of the guesses in the handwritten notes that
#: the second one decides, 5 of 6 are names, and 1 of 4 between the two.
_HIGH_CONFIDENCE, _VERY_HIGH_CONFIDENCE = 0.95, 0.99
#: Letters of initials, at most.
INITIALS_MAX_LETTERS = 3
#: Rest of a label up to its colon.
_END_OF_LABEL = re.compile(r"(?:\.[A-Z])*\.?[ \t]{0,3}[:=](?!\d)")
_DOTTED_LABEL = re.compile(
    r"(?:D\.? ?O\.? ?[BSAD]|M\.? ?R\.? ?N|S\.? ?S\.? ?N|P\.?M\.?H|H\.?P\.?I|R\.?O\.?S|c\.c)\.?",
    re.IGNORECASE,
)
#: Words after a nationality that do not make it a place: ``Eritrean national``.
_WORDS_AFTER_NATIONALITY = frozenset(("national", "citizen", "descent", "origin", "heritage"))
#: Key of a member of JSON: ``"uhid": ``.
_KEY = re.compile(r"[a-z][a-z_]*")
_END_OF_KEY = re.compile(r"\"\s{0,2}:")


class Guess(NamedTuple):
    """A value that the model guessed.

    Attributes
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the value.
    confidence : float
        Confidence of the model, 0 to 1.
    value : str
        ``text[begin:end]``.
    words : list of str
        Folded words of the value.
    """

    text: str
    begin: int
    end: int
    confidence: float
    value: str
    words: list[str]

    @property
    def is_confident(self) -> bool:
        """Return whether the confidence of the model is high."""
        return self.confidence >= _HIGH_CONFIDENCE

    @property
    def is_certain(self) -> bool:
        """Return whether the confidence of the model is very high."""
        return self.confidence >= _VERY_HIGH_CONFIDENCE

    def is_known_phrase(self) -> bool:
        """Return whether the value is a phrase of the lists."""
        return is_known_phrase(self.text, self.begin, self.end)

    def is_abbreviation(self) -> bool:
        """Return whether the value is an abbreviation, or part of a word that was cut off."""
        return is_abbreviation(self.text, self.begin, self.end)

    def is_field_label(self) -> bool:
        """Return whether the value is the label of a field."""
        return is_field_label(self.text, self.begin, self.end)

    def is_abbreviating_letter(self) -> bool:
        """Return whether the value is a letter that abbreviates a word: ``R`` of the right side."""
        return is_abbreviating_letter(self.text, self.value, self.end)


def is_lowercase_among_capitals(text: str, begin: int, end: int) -> bool:
    """Return whether a value is in lower case in a context that has capitals.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the value in code points; ``end`` is exclusive.

    Returns
    -------
    bool
        True if the value has no capitals and the text up to 120 characters before or after it has.
    """
    return text[begin:end].islower() and has_capitals_near(text, begin, end)


def has_capitals_near(text: str, begin: int, end: int) -> bool:
    """Return whether the context of a value has capitals."""
    return any(map(str.isupper, context_of(text, begin, end)))


def is_foreign(text: str, begin: int, end: int) -> bool:
    """Return whether the text around a value is German, French or Spanish."""
    reach = 2 * CONTEXT_CHARACTERS
    return is_foreign_text(text[max(0, begin - reach) : end + reach])


def is_nationality(value: str) -> bool:
    """Return whether all words are nationalities."""
    words = tokenize(value)
    if len(words) > 1 and words[-1] in _WORDS_AFTER_NATIONALITY:
        words.pop()
    return bool(words) and word_set("nationalities").issuperset(words)


def decide_lowercase(guess: Guess) -> bool | None:
    """Return whether a value in lower case is words; names have capitals in such a text.

    ``creatinine rose`` and ``a long stone`` are words.
    """
    if not is_lowercase_among_capitals(guess.text, guess.begin, guess.end):
        return None
    return all(map(is_word, guess.words)) or is_foreign(guess.text, guess.begin, guess.end)


def is_foreign_lowercase(guess: Guess) -> bool:
    """Return whether a value begins in lower case in a foreign text that has capitals."""
    return (
        guess.value[0].islower()
        and is_foreign(guess.text, guess.begin, guess.end)
        and has_capitals_near(guess.text, guess.begin, guess.end)
    )


def is_key_of_json(guess: Guess) -> bool:
    """Return whether quotation marks and a colon make a word in lower case the key of a member."""
    is_quoted = guess.text[guess.begin - 1 : guess.begin] == '"'
    is_key = is_quoted and _END_OF_KEY.match(guess.text, guess.end) is not None
    return is_key and _KEY.fullmatch(guess.value) is not None


def is_label(guess: Guess) -> bool:
    """Return whether a colon follows a value of words or capitals that are not names: ``STATE:``.

    The rest of a label with full stops may follow as well: ``D.O`` of ``D.O.A :``.
    """
    if not guess.words or not _END_OF_LABEL.match(guess.text, guess.end):
        return False
    return all(
        (is_word(word) or guess.value.isupper()) and not is_listed_name(word)
        for word in guess.words
    )


def is_terms_in_capitals(guess: Guess) -> bool:
    """Return whether several words in capitals are terms or abbreviations, none of them a name."""
    if len(guess.words) < 2 or not guess.value.isupper():
        return False
    return all(
        (word in known_phrases() or is_imaging_term(word) or word.upper() in abbreviations())
        and not is_listed_name(word)
        for word in guess.words
    )


def is_abbreviation_in_description(guess: Guess) -> bool:
    """Return whether an abbreviation is alone or among terms in a value in capitals: ``MUGA``."""
    text, value = guess.text, guess.value
    if len(text) > DESCRIPTION_MAX_CHARACTERS or not text.isupper():
        return False
    if value not in abbreviations() or is_frequent_name(fold_text(value)):
        return False
    others = tokenize(text[: guess.begin] + " " + text[guess.end :])
    return all(map(is_description_term, others))


def is_dotted_label(guess: Guess) -> bool:
    """Return whether a value is a label written with full stops: ``D.O.B.``."""
    return _DOTTED_LABEL.fullmatch(guess.value) is not None
