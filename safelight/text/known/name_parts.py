"""The parts of a known name, and how much each tells by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import PLACEHOLDERS, everyday_words, is_word, word_set

#: How much a part tells: by itself, unless written as the word that it is, only with support,
#: as a letter beside other parts, as a particle between them.
STRONG, WORD, WEAK, INITIAL, PARTICLE = 0, 1, 2, 3, 4

TOKEN = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile("[0-9]")
_TITLES = word_set("titles")
_PARTICLES = word_set("particles")


def _components(folded: str) -> list[list[str]]:
    """The tokens of the components of a name, between carets or commas."""
    separator = "^" if "^" in folded else ","
    components = []
    for component in folded.split(separator):
        pieces = [(m.group(), m.span()) for m in TOKEN.finditer(component)]
        # the letters of CT1 and 4MR2 are no name
        components.append(
            [
                piece
                for piece, (begin, end) in pieces
                if len(piece) > 2 or not _DIGIT.search(component[max(0, begin - 1) : end + 1])
            ]
        )
    return components


def name_tokens(folded: str) -> list[str]:
    """The tokens of a name without titles and degrees; ``DO^ANNA`` keeps its family name."""
    tokens: list[str] = []
    for index, component in enumerate(_components(folded)):
        proper = [t for t in component if t not in _TITLES]
        if index == 0 or (index < 3 and "^" in folded):
            proper = proper or component
        tokens += [t for t in proper if len(t) < 3 or t not in PLACEHOLDERS]
    return tokens


def without_particles(folded: str, tokens: list[str]) -> list[str]:
    """The tokens less particles beside another token; alone in a component they are names."""
    particles: set[str] = set()
    for component in _components(folded):
        if not _PARTICLES.issuperset(component):
            particles.update(_PARTICLES.intersection(component))
    return [t for t in tokens if t not in particles] or tokens


def umlauts(group: str) -> Iterator[tuple[str, str]]:
    """Müller is written Mueller where there are no umlauts, and the other way round."""
    for token in TOKEN.findall(group.lower()):
        spelt = token.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
        if spelt != token:
            yield fold_text(spelt), fold_text(token)
        for pair, letter in (("ae", "a"), ("oe", "o"), ("ue", "u")):
            if pair in token and len(token) > 4:
                yield token, fold_text(token.replace(pair, letter))


def rank_of(token: str) -> int:
    if len(token) == 1:
        return INITIAL
    if (len(token) == 2 and token.isascii()) or token in everyday_words():
        return WEAK
    return WORD if is_word(token) else STRONG
