"""Find known places and institutions that a field of limited length cuts off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from safelight.records import Span
from safelight.text.lexicon.folding import Folded, fold_text

#: Lengths of the fields of DICOM that hold such names: SH, AE and CS, and LO (PS3.5, table 6.2-1).
_FIELD_CHARACTERS = (16, 64)


class TruncatedPlaces:
    """Matcher for texts that consist of the first 16 or 64 characters of a known place.

    Parameters
    ----------
    places : iterable of (str, str)
        Names and addresses with the subtype of their spans. PHI.
    """

    def __init__(self, places: Iterable[tuple[str, str]]):
        self._subtypes: dict[str, str] = {}
        for place, subtype in places:
            text = place.strip()
            for length in _FIELD_CHARACTERS:
                if len(text) > length:
                    self._subtypes.setdefault(fold_text(text[:length]).strip(), subtype)

    def find(self, folded: Folded) -> Iterator[Span]:
        """Yield the span of a text that is a known place without its end.

        Parameters
        ----------
        folded : Folded
            The folded text.
        """
        text = folded.text.strip()
        subtype = self._subtypes.get(text)
        if subtype is not None:
            begin = folded.text.index(text)
            yield Span(
                *folded.original(begin, begin + len(text)), "LOCATION", "known", 1.0, subtype
            )
