"""The check as a whole: an output alone, or an output against its original."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from secrets import token_bytes

from safelight.verify.consistency import (
    ConsistencyLink,
    check_date_leaks,
    check_date_shifts,
    collect_links,
    find_contradictions,
)
from safelight.verify.defects import Check, Defect, ValueHasher
from safelight.verify.deidentification_labels import FULL_DATES, check_labels
from safelight.verify.dicom_object import DicomObject
from safelight.verify.element_contents import (
    Expectation,
    check_dates,
    check_identifiers,
    check_private,
    check_texts,
)
from safelight.verify.leaks import check_leaks
from safelight.verify.object_reader import UnreadableError, silence_pydicom
from safelight.verify.object_structure import check_file_head, check_forbidden, check_uids
from safelight.verify.pixel_data import check_pixel_data, compare_pixel_data
from safelight.verify.pixel_text import check_pixel_leaks, check_pixel_shapes
from safelight.verify.unmasked_pixels import MaskRegion, compare_unmasked_pixels


class Verifier:
    """Checks outputs, each alone or against its original.

    Parameters
    ----------
    expectation : Expectation, optional
        What the rules provide for, as far as the check is told.
    key : bytes
        Key of the hashes in defects; without one, defects carry lengths only.
    ocr : bool
        Whether pixels are read with Tesseract as well.

    Examples
    --------
    >>> verifier = Verifier()
    >>> verifier.check(b"")[0].check.value
    'unreadable'
    """

    def __init__(self, expectation: Expectation | None = None, key: bytes = b"", ocr: bool = False):
        self._ocr = ocr
        self.expectation = expectation or Expectation()
        self._hasher = ValueHasher(key)
        self._link_hasher = ValueHasher(key or token_bytes(32))

    def check(self, data: bytes) -> tuple[Defect, ...]:
        """Check an output alone.

        Parameters
        ----------
        data : bytes
            The de-identified file.
        """
        return self._parsed(self._alone, data)

    def compare(
        self, data: bytes, original: bytes, masked: bool = False, regions: Sequence[MaskRegion] = ()
    ) -> tuple[Defect, ...]:
        """Check an output against its original: leaks, links, dates and pixels.

        Parameters
        ----------
        data, original : bytes
        masked : bool
            Whether a mask is recorded for this object.
        regions : sequence of MaskRegion
            Where the masks are: outside of them pixels must be what they were. Without them
            the pixels of a masked object are not compared.
        """
        return self._parsed(
            lambda output, source: self._against(output, source, masked, regions), data, original
        )

    def links(self, data: bytes, original: bytes) -> tuple[ConsistencyLink, ...]:
        """How originals became pseudonyms in one object; hashed with the key.

        :func:`safelight.verify.find_contradictions` finds what does not agree over a whole run.
        """
        with silence_pydicom():
            try:
                output, source = DicomObject.parse(data), DicomObject.parse(original, force=True)
            except UnreadableError:
                return ()
            return tuple(collect_links(source, output, self._codes(output), self._link_hasher))

    def _parsed(self, check: Callable[..., Iterator[Defect]], *files: bytes) -> tuple[Defect, ...]:
        with silence_pydicom():
            try:
                objects = [DicomObject.parse(data, force=n > 0) for n, data in enumerate(files)]
            except UnreadableError as problem:
                return (Defect(Check.UNREADABLE, "object", f"cannot be parsed ({problem})"),)
            return tuple(dict.fromkeys(check(*objects)))

    def _codes(self, output: DicomObject) -> frozenset[str]:
        """Codes in force: claimed by the object, and provided for by the rules if known."""
        granted_codes = self.expectation.granted_codes
        return output.codes if granted_codes is None else output.codes & granted_codes

    def _alone(self, output: DicomObject) -> Iterator[Defect]:
        codes, hasher = self._codes(output), self._hasher
        return chain(
            check_file_head(output),
            check_labels(output, self.expectation.granted_codes),
            check_forbidden(output, codes),
            check_identifiers(output, codes, self.expectation, hasher),
            check_private(output, codes),
            check_uids(output, codes, hasher),
            check_dates(output, codes, hasher),
            check_texts(output, codes, hasher),
            check_pixel_data(output),
            check_pixel_shapes(output, codes, hasher) if self._ocr else (),
        )

    def _against(
        self,
        output: DicomObject,
        original: DicomObject,
        masked: bool,
        regions: Sequence[MaskRegion],
    ) -> Iterator[Defect]:
        codes, hasher = self._codes(output), self._hasher
        yield from check_leaks(original, output, codes, hasher)
        if FULL_DATES not in codes:
            yield from check_date_leaks(original, output, hasher)
        yield from find_contradictions(collect_links(original, output, codes, self._link_hasher))
        yield from check_date_shifts(original, output, codes)
        yield from compare_pixel_data(original, output, masked)
        if masked and regions:
            yield from compare_unmasked_pixels(original, output, regions)
        if self._ocr:
            yield from check_pixel_leaks(original, output, codes, hasher)
