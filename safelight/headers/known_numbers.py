"""Find known numbers of the patient in binary numbers that the rules keep."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from safelight.dicom.encoding import NUMBER_BYTES, NUMBER_LAYOUTS

#: VRs whose numbers can have six digits, with the largest number. A float of 32 bits is rounded.
_LARGEST_NUMBERS = {
    "FD": 2**53, "FL": 2**53, "SL": 2**31 - 1, "SV": 2**63 - 1, "UL": 2**32 - 1, "UV": 2**64 - 1,
}  # fmt: skip
_MAX_DIGITS = len(str(2**64 - 1))
#: Up to this many numbers, each one is searched, which is faster than to look up every value.
_FEW_NUMBERS = 50
_ORDERS = ("<", ">")


class KnownNumbers:
    """Matcher for binary numbers that are known numbers of the patient.

    Parameters
    ----------
    numbers : iterable of bytes
        Digits, as :func:`~safelight.headers.residual_phi.collect_known_numbers` returns them. PHI.
    """

    def __init__(self, numbers: Iterable[bytes]):
        values = [int(number) for number in numbers if len(number) <= _MAX_DIGITS]
        self._encoded: dict[tuple[str, str], frozenset[bytes]] = {}
        for order in _ORDERS if values else ():
            for vr, largest in _LARGEST_NUMBERS.items():
                pack = struct.Struct(order + NUMBER_LAYOUTS[vr]).pack
                self._encoded[order, vr] = frozenset(pack(n) for n in values if n <= largest)
            every = (self._encoded[order, vr] for vr in _LARGEST_NUMBERS)
            self._encoded[order, "UN"] = frozenset().union(*every)

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
        encoded = self._encoded.get((order, vr))
        if not encoded:
            return False
        if raw in encoded:
            return True
        size = NUMBER_BYTES.get(vr, 0)
        if not size or len(raw) <= size:
            return False
        if len(encoded) <= _FEW_NUMBERS:
            return any(_occurs_at_multiple(number, raw, size) for number in encoded)
        return any(raw[at : at + size] in encoded for at in range(0, len(raw), size))


def _occurs_at_multiple(number: bytes, raw: bytes, size: int) -> bool:
    """Return whether bytes occur at a multiple of their size."""
    at = raw.find(number)
    while at > 0 and at % size:
        at = raw.find(number, at + 1)
    return at >= 0
