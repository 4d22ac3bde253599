"""The allow list: what an unsupported guess of the model must not hide.

It only ever rules out what the model alone has guessed; keys, rules, gazetteers and known
values of the patient are not held against it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

from safelight.text.fold import fold_text
from safelight.text.words import everyday_words, given_names, is_word, word_set

_WORDS = re.compile(r"[^\W\d_]+")
_TITLE = re.compile(
    r"(?:\b(?:dr|drs|doctor|mr|mrs|ms|miss|mx|prof|professor|dear|by|hi|hello|nurse)\b[.:,]?|"
    r"\b(?:name|patient|pt|md|cc|to)[:=]|\^)\s{0,3}\Z",
    re.I,
)
_ZIP_AFTER = re.compile(r",?\s{1,2}\d{5}")
_CAPITAL = re.compile(r"[A-Z]")
_IN = re.compile(r"\b(?:in|from|at|of|near|to|city)\s\Z", re.I)
#: How far around a guess its text is looked at for capitals.
_NEAR = 120


@lru_cache(maxsize=1)
def state_codes() -> frozenset[str]:
    """Postal codes of the states of the USA."""
    return frozenset(
        "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH "
        "NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA WA WV WI WY".split()
    )


@lru_cache(maxsize=1)
def phrases() -> frozenset[str]:
    """Eponyms, drugs, vendors, device models, trials and genes, folded, word by word joined."""
    text = (resources.files("nlp_pipelines.gazetteers") / "not_names.txt").read_text("utf-8")
    lines = text.splitlines()
    return frozenset(" ".join(_WORDS.findall(fold_text(line))) for line in lines if line)


def _joined(text: str) -> str:
    return " ".join(_WORDS.findall(fold_text(text)))


def is_listed(text: str, begin: int, end: int) -> bool:
    """Whether the value, or the value with the words after it, is a phrase of the list."""
    value = _joined(text[begin:end])
    if value in phrases():
        return True
    following = _WORDS.findall(fold_text(text[end : end + 40]))[:3]
    return any(" ".join([value, *following[:count]]) in phrases() for count in (1, 2, 3))


def _capitals_near(text: str, begin: int, end: int) -> bool:
    return any(map(str.isupper, text[max(0, begin - _NEAR) : end + _NEAR]))


def is_plain(text: str, begin: int, end: int) -> bool:
    """Whether a guessed name is vocabulary: a listed phrase, or a lone everyday word.

    What follows a title, a greeting or a key (``Dr. Head``, ``Name: Fine``) is never plain.
    """
    if _TITLE.search(text, max(0, begin - 16), begin):
        return False
    if is_listed(text, begin, end):
        return True
    value = text[begin:end]
    words = [fold_text(word) for word in _WORDS.findall(value)]
    if value.islower() and _capitals_near(text, begin, end):
        # Who writes capitals writes them in names: "creatinine rose", "a long stone".
        return all(map(is_word, words))
    return len(words) == 1 and words[0] in everyday_words() and words[0] not in given_names()


def is_plain_place(text: str, begin: int, end: int) -> bool:
    """Whether a guessed place is vocabulary: everyday words or what every hospital is called."""
    value = text[begin:end]
    if value.upper() in state_codes():
        # "OR", "in": a state in capitals, before a ZIP code or after a comma
        after_comma = text[:begin].endswith(", ")
        return not (value.isupper() or after_comma or _ZIP_AFTER.match(text, end))
    if is_listed(text, begin, end):
        return True
    words = [fold_text(word) for word in _WORDS.findall(value)]
    if not words or any(map(str.isdigit, value)):
        return False
    if value.islower() and _capitals_near(text, begin, end):
        return all(map(is_word, words))
    if len(words) == 1 and _CAPITAL.match(value) and not _IN.search(text, max(0, begin - 9), begin):
        return words[0] in everyday_words()
    generic = all(word in word_set("institution_kept") or len(word) < 3 for word in words)
    return generic and (len(words) == 1 or value.islower())
