"""Split a known name into parts and rank how strongly each part identifies by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import everyday_words, is_word

#: Ranks of name parts, strongest first:
#: a strong part is not an ordinary word and identifies by itself;
#: a word part is an ordinary word as well, and identifies unless it is written as one;
#: a weak part is a frequent word or has two letters, and needs support by other parts;
#: an initial counts only next to other parts, a particle only between them.
STRONG_PART, WORD_PART, WEAK_PART, INITIAL_PART, PARTICLE_PART = 0, 1, 2, 3, 4

TOKEN = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile("[0-9]")
_TITLES = word_set("titles.beside_name")
_PARTICLES = word_set("name_particles")


def _components(folded: str) -> list[list[str]]:
    """Return the tokens of each component of a name; carets or commas separate components."""
    separator = "^" if "^" in folded else ","
    components = []
    for component in folded.split(separator):
        pieces = [(m.group(), m.span()) for m in TOKEN.finditer(component)]
        # short letter runs next to digits (CT1, 4MR2) are not name parts
        components.append(
            [
                piece
                for piece, (begin, end) in pieces
                if len(piece) > 2 or not _DIGIT.search(component[max(0, begin - 1) : end + 1])
            ]
        )
    return components


def name_tokens(folded: str) -> list[str]:
    """Return the tokens of a name without titles and degrees; ``DO^ANNA`` keeps its surname."""
    tokens: list[str] = []
    for index, component in enumerate(_components(folded)):
        proper = [t for t in component if t not in _TITLES]
        if index == 0 or (index < 3 and "^" in folded):
            proper = proper or component
        tokens += [t for t in proper if len(t) < 3 or t not in word_set("placeholders")]
    return tokens


def drop_particles(folded: str, tokens: list[str]) -> list[str]:
    """Return the tokens without particles; a particle alone in a component is kept as a name.

    Parameters
    ----------
    folded : str
        Folded name, with its carets or commas.
    tokens : list of str
        Tokens of the name.
    """
    particles: set[str] = set()
    for component in _components(folded):
        if not _PARTICLES.issuperset(component):
            particles.update(_PARTICLES.intersection(component))
    return [t for t in tokens if t not in particles] or tokens


def umlaut_spellings(group: str) -> Iterator[tuple[str, str]]:
    """Yield (spelling with e, spelling without) of each umlaut: Müller as Mueller and Muller."""
    for token in TOKEN.findall(group.lower()):
        with_e = token.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
        if with_e != token:
            yield fold_text(with_e), fold_text(token)
        for pair, letter in (("ae", "a"), ("oe", "o"), ("ue", "u")):
            if pair in token and len(token) > 4:
                yield token, fold_text(token.replace(pair, letter))


def rank_part(token: str) -> int:
    """Return the rank of a name part by its length and by the word lists."""
    if len(token) == 1:
        return INITIAL_PART
    if (len(token) == 2 and token.isascii()) or token in everyday_words():
        return WEAK_PART
    return WORD_PART if is_word(token) else STRONG_PART
