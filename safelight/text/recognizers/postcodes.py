"""Find postcodes between a street and a town: ``Goethestraße 21, 97421 Göttingen``.

The town may be unknown: it is a capitalized word after the street and the postcode.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from safelight.records import Span

#: Postcodes of five digits, of Portugal, and of four digits (Austria, Switzerland, Benelux), with
#: the letter of the country if any.
_POSTCODE_BEFORE = re.compile(r"(?<![\w-])(?:[A-Z]{1,2}-)?(?:\d{4}-\d{3}|\d{4,5}) ?\Z")
_POSTCODE_MAX_CHARACTERS = 12
#: Postcode of five digits, of Portugal or of the Netherlands after a street, and the capitalized
#: words of a town.
_POSTCODE_AND_TOWN = re.compile(
    r"[ ]?[,;·\n-]?[ \n]{0,2}"
    r"(?P<code>(?:[A-Z]{1,2}-)?(?:\d{4}-\d{3}|\d{5})|[1-9]\d{3} ?[A-Z]{2})[ ]{1,2}"
    r"(?P<town>[^\W\d_a-z][^\W\d_]{2,24}(?:[- ][^\W\d_a-z][^\W\d_]{2,24}){0,2})"
)
_GAP = re.compile(r"[ ]?[,;·\n-]?[ \n]{0,2}")


def find_postcodes(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Yield the numbers between two places, and the postcode and the town after a street.

    Parameters
    ----------
    text : str
        Whole text.
    spans : iterable of Span
        Other spans of the text.

    Yields
    ------
    Span
        LOCATION, subtype ZIP or CITY.
    """
    places = sorted(
        (span for span in spans if span.entity == "LOCATION"), key=lambda span: span.begin
    )
    for street, town in zip(places, places[1:]):
        start = max(street.end, town.begin - _POSTCODE_MAX_CHARACTERS)
        match = _POSTCODE_BEFORE.search(text[start : town.begin])
        if match and _GAP.fullmatch(text, street.end, start + match.start()):
            begin = start + match.start()
            end = begin + len(match[0].rstrip())
            yield Span(begin, end, "LOCATION", "regex", 1.0, "ZIP")
    for street in places:
        found = _POSTCODE_AND_TOWN.match(text, street.end) if street.subtype == "STREET" else None
        if found:
            yield Span(*found.span("code"), "LOCATION", "regex", 1.0, "ZIP")
            yield Span(*found.span("town"), "LOCATION", "regex", 1.0, "CITY")
