"""Find known numbers of the patient in binary numbers that the rules keep."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from safelight.dicom.encoding import NUMBER_BYTES

#: Formats of the numbers of a size in bytes, with the largest number of each. A float of 32 bits
#: is rounded. The VR does not decide, since the VR of an implicit value is that of a dictionary.
_FORMATS: dict[int, tuple[tuple[str, int], ...]] = {
    4: (("I", 2**32 - 1), ("f", 2**53)),
    8: (("Q", 2**64 - 1), ("d", 2**53)),
}
#: Size of UN: a number of any of the sizes.
_ANY_SIZE = 0
_SIZES = {"UN": _ANY_SIZE} | {vr: size for vr, size in NUMBER_BYTES.items() if size in _FORMATS}
_MAX_DIGITS = len(str(2**64 - 1))
#: Up to this many numbers, each one is searched, which is faster than to look up every value.
_FEW_NUMBERS = 50


class KnownNumbers:
    """Matcher for binary numbers that are known numbers of the patient.

    Parameters
    ----------
    numbers : iterable of bytes
        Digits, as :func:`~safelight.headers.residual_phi.collect_known_numbers` returns them. PHI.
    """

    def __init__(self, numbers: Iterable[bytes]):
        self._numbers = [int(number) for number in numbers if len(number) <= _MAX_DIGITS]
        self._encoded: dict[tuple[str, int], frozenset[bytes]] = {}

    def occur_in(self, raw: bytes, vr: str, order: str) -> bool:
        """Return whether one of the numbers of a value is a known number.

        Parameters
        ----------
        raw : bytes
            Encoded value.
        vr : str
            VR of numbers, or UN for one number of unknown kind.
        order : str
            Byte order: ``<`` or ``>``.

        Returns
        -------
        bool
        """
        size = _SIZES.get(vr)
        if size is None or not self._numbers:
            return False
        encoded = self._encoded.get((order, size))
        if encoded is None:
            encoded = self._encoded[order, size] = self._encode(order, size)
        if raw in encoded:
            return True
        if not size or len(raw) <= size:
            return False
        if len(encoded) <= _FEW_NUMBERS:
            return any(_occurs_at_multiple(number, raw, size) for number in encoded)
        return any(raw[at : at + size] in encoded for at in range(0, len(raw), size))

    def _encode(self, order: str, size: int) -> frozenset[bytes]:
        """Return the numbers in each format of a size."""
        if size == _ANY_SIZE:
            return frozenset().union(*(self._encode(order, each) for each in _FORMATS))
        return frozenset(
            struct.pack(order + code, number)
            for code, largest in _FORMATS[size]
            for number in self._numbers
            if number <= largest
        )


def _occurs_at_multiple(number: bytes, raw: bytes, size: int) -> bool:
    """Return whether bytes occur at a multiple of their size."""
    at = raw.find(number)
    while at > 0 and at % size:
        at = raw.find(number, at + 1)
    return at >= 0
