"""Verify one object alone, or against its original."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from secrets import token_bytes

from safelight.verify.consistency import (
    ConsistencyLink,
    check_date_shifts,
    collect_links,
    find_contradictions,
)
from safelight.verify.date_leaks import check_date_leaks
from safelight.verify.defects import Check, Defect, ValueHasher
from safelight.verify.deidentification_labels import (
    BASIC_PROFILE,
    FULL_DATES,
    MODIFIED_DATES,
    check_labels,
)
from safelight.verify.dicom_object import DicomObject
from safelight.verify.element_contents import (
    check_dates,
    check_forms,
    check_identifiers,
    check_private,
    check_profile,
    check_texts,
    has_only_reduced_dates,
)
from safelight.verify.encrypted_attributes import check_encrypted_attributes
from safelight.verify.expectation import Expectation
from safelight.verify.label_evidence import check_evidence, compare_evidence
from safelight.verify.leaks import check_leaks
from safelight.verify.object_reader import UnreadableError, silence_pydicom
from safelight.verify.object_structure import (
    check_file_head,
    check_forbidden,
    check_removed_sequences,
    check_uids,
)
from safelight.verify.pixel_data import check_pixel_data, compare_pixel_data
from safelight.verify.pixel_text import check_pixel_leaks, check_pixel_shapes
from safelight.verify.readable_texts import (
    ModelSpan,
    ReadableText,
    TextReader,
    judge_spans,
    list_readable_texts,
)
from safelight.verify.required_attributes import (
    check_required,
    compare_formats,
    compare_required,
)
from safelight.verify.unchecked_documents import find_unchecked_documents
from safelight.verify.unmasked_pixels import MaskRegion, compare_unmasked_pixels

_TEMPORARY_KEY_BYTES = 32
#: Files whose parsed form is kept: an output and its original.
_KEPT_FILES = 2
_DATE_CODES = frozenset({FULL_DATES, MODIFIED_DATES})


class Verifier:
    """Verifies outputs, each alone or against its original.

    Parameters
    ----------
    expectation : Expectation, optional
        Properties of the rules.
    key : bytes
        Key of the hashes in defects; without a key, defects have only the length of a value.
    ocr : bool
        Whether pixels are read with Tesseract.
    link_key : bytes
        Key of the hashes in links, equal in all verifiers whose links are compared. Default: `key`,
        or a temporary key.
    annotate : callable, optional
        Text model that reads the texts of elements, besides the lists of names: it takes texts and
        returns the spans of each, as :data:`safelight.Annotate` does.

    Examples
    --------
    >>> verifier = Verifier()
    >>> verifier.check(b"")[0].check.value
    'unreadable'
    """

    def __init__(
        self,
        expectation: Expectation | None = None,
        key: bytes = b"",
        ocr: bool = False,
        link_key: bytes = b"",
        annotate: TextReader | None = None,
    ):
        self._ocr = ocr
        self._annotate = annotate
        self.expectation = expectation or Expectation()
        self._hasher = ValueHasher(key)
        self._recent: deque[tuple[bytes, bool, DicomObject]] = deque(maxlen=_KEPT_FILES)
        self._link_hasher = ValueHasher(link_key or key or token_bytes(_TEMPORARY_KEY_BYTES))

    def check(self, data: bytes) -> tuple[Defect, ...]:
        """Return the defects of an output.

        Parameters
        ----------
        data : bytes
            De-identified file.

        Returns
        -------
        tuple of Defect
            Empty if the output has none.
        """
        return self._parse_and_check(self._check_output, data)

    def compare(
        self, data: bytes, original: bytes, masked: bool = False, regions: Sequence[MaskRegion] = ()
    ) -> tuple[Defect, ...]:
        """Return the defects that a comparison with the original shows.

        Parameters
        ----------
        data : bytes
            De-identified file.
        original : bytes
            Original file.
        masked : bool
            Whether a mask is recorded for this object.
        regions : sequence of MaskRegion
            Recorded masks, outside of which pixels must be unchanged. Without them, the pixels of
            a masked object are not compared.

        Returns
        -------
        tuple of Defect
            Empty if the comparison shows none.
        """
        return self._parse_and_check(
            lambda output, source: self._check_against(output, source, masked, regions),
            data,
            original,
        )

    def list_texts(self, data: bytes) -> tuple[ReadableText, ...]:
        """Return the texts of an output that a text model reads; none if it cannot be parsed.

        Parameters
        ----------
        data : bytes
            De-identified file.

        Returns
        -------
        tuple of ReadableText
            PHI, if the output has any.
        """
        with silence_pydicom():
            try:
                output = self._parse(data)
            except UnreadableError:
                return ()
            return list_readable_texts(output, self._get_codes(output), self.expectation)

    def judge_text(
        self, location: str, text: str, spans: Sequence[ModelSpan]
    ) -> tuple[Defect, ...]:
        """Return the defects among the spans that a text model has found in a text.

        Parameters
        ----------
        location, text : str
            Path of the element, and its text.
        spans : sequence of ModelSpan
            Spans of the text.

        Returns
        -------
        tuple of Defect
        """
        return tuple(judge_spans(location, text, spans, self._hasher))

    def collect_links(self, data: bytes, original: bytes) -> tuple[ConsistencyLink, ...]:
        """Return the links between originals and pseudonyms in one object.

        `safelight.verify.find_contradictions` compares the links of all objects of a run.

        Parameters
        ----------
        data : bytes
            De-identified file.
        original : bytes
            Original file.

        Returns
        -------
        tuple of ConsistencyLink
            Empty if one of the files cannot be parsed.
        """
        with silence_pydicom():
            try:
                output, source = self._parse(data), self._parse(original, force=True)
            except UnreadableError:
                return ()
            return tuple(collect_links(source, output, self._get_codes(output), self._link_hasher))

    def _parse_and_check(
        self, check: Callable[..., Iterator[Defect]], *files: bytes
    ) -> tuple[Defect, ...]:
        """Return the distinct defects that a check of parsed files finds."""
        with silence_pydicom():
            objects = []
            for number, data in enumerate(files):
                try:
                    objects.append(self._parse(data, force=number > 0))
                except UnreadableError as error:
                    return (_make_unreadable(error, is_original=number > 0),)
            return tuple(dict.fromkeys(_collect_defects(check(*objects))))

    def _parse(self, data: bytes, force: bool = False) -> DicomObject:
        """Return a parsed file. A file that was parsed just before is not parsed again.

        Raises
        ------
        UnreadableError
        """
        for known, was_forced, parsed in self._recent:
            if known is data and was_forced is force:
                return parsed
        parsed = DicomObject.parse(data, force)
        self._recent.append((data, force, parsed))
        return parsed

    def _get_codes(self, output: DicomObject) -> frozenset[str]:
        """Return the codes in force: claimed by the object, and granted by the rules if known."""
        claimed, granted = output.method_codes, self.expectation.granted_codes
        if granted is None:
            return claimed
        if not claimed & _DATE_CODES and MODIFIED_DATES in granted:
            # An object whose dates are partly shifted and partly original claims neither code, and
            # not the Basic Profile.
            claimed |= {MODIFIED_DATES} if BASIC_PROFILE not in claimed else frozenset()
        return claimed & granted

    def _get_granted_labels(self, output: DicomObject) -> frozenset[str] | None:
        """Return the codes that an object may claim; None if the rules are not known.

        An original date that is the first day of a year is unchanged if the rules reduce dates to
        the year. The object then claims full dates, which are not in force for the other checks.
        """
        granted = self.expectation.granted_codes
        if granted is not None and has_only_reduced_dates(output, self.expectation):
            return granted | {FULL_DATES}
        return granted

    def _check_output(self, output: DicomObject) -> Iterator[Defect]:
        """Yield the defects of an output alone."""
        codes, hasher = self._get_codes(output), self._hasher
        return chain(
            check_file_head(output),
            check_labels(output, self._get_granted_labels(output)),
            check_evidence(output, output.method_codes),
            check_required(output),
            check_forbidden(output, codes),
            check_removed_sequences(output, codes, self.expectation.ruled_tags),
            check_identifiers(output, codes, self.expectation, hasher),
            check_profile(output, codes, self.expectation, hasher),
            check_private(output, codes, self.expectation),
            check_forms(output, self.expectation, hasher),
            check_encrypted_attributes(output),
            check_uids(output, codes, hasher, self.expectation),
            check_dates(output, codes, self.expectation, hasher),
            check_texts(output, codes, hasher),
            check_pixel_data(output),
            find_unchecked_documents(output, self._ocr),
            check_pixel_shapes(output, codes, hasher) if self._ocr else (),
            self._read_texts(output, codes),
        )

    def _read_texts(self, output: DicomObject, codes: frozenset[str]) -> Iterator[Defect]:
        """Yield the names that the text model finds in the texts of an output."""
        if self._annotate is None:
            return
        texts = list_readable_texts(output, codes, self.expectation)
        spans = self._annotate([text for _, text in texts])
        for (location, text), found in zip(texts, spans, strict=True):
            yield from judge_spans(location, text, found, self._hasher)

    def _check_against(
        self,
        output: DicomObject,
        original: DicomObject,
        is_masked: bool,
        regions: Sequence[MaskRegion],
    ) -> Iterator[Defect]:
        """Yield the defects of an output against its original."""
        codes, hasher = self._get_codes(output), self._hasher
        yield from check_leaks(original, output, codes, hasher, self.expectation)
        if FULL_DATES not in codes:
            yield from check_date_leaks(original, output, codes, hasher, self.expectation)
        yield from find_contradictions(collect_links(original, output, codes, self._link_hasher))
        yield from check_date_shifts(original, output, codes, self.expectation)
        yield from compare_evidence(original, output, output.method_codes)
        yield from compare_required(original, output)
        yield from compare_formats(original, output, hasher)
        yield from compare_pixel_data(original, output, is_masked)
        if is_masked and regions:
            yield from compare_unmasked_pixels(original, output, regions)
        if self._ocr:
            yield from check_pixel_leaks(original, output, codes, hasher, self.expectation)


def _collect_defects(defects: Iterator[Defect]) -> Iterator[Defect]:
    """Yield the defects, and one more if an element ends the check before its end."""
    try:
        yield from defects
    except NotImplementedError:  # pydicom raises it for an unknown VR when it reads the element
        yield Defect(Check.UNCHECKED, "object", "has an element whose VR is unknown")


def _make_unreadable(error: UnreadableError, is_original: bool) -> Defect:
    """Return the defect of an output that cannot be parsed, or whose original cannot be."""
    if is_original:
        detail = f"was not compared, because the original cannot be parsed ({error})"
        return Defect(Check.UNCHECKED, "object", detail)
    return Defect(Check.UNREADABLE, "object", f"cannot be parsed ({error})")
