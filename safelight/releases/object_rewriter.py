"""Rewrite one de-identified object for one recipient: the keyed second pass."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple, Optional

from pydicom import dcmread, dcmwrite
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.multival import MultiValue

from safelight.dicom.quiet_logging import silence_pydicom
from safelight.headers.catalog import CATALOG_COLUMNS
from safelight.pseudonyms import Pseudonyms
from safelight.releases.attribute_treatment import (
    GENERALISED_COLUMNS,
    Treatment,
    find_treatment,
)
from safelight.releases.date_rewriter import DateRewriter
from safelight.releases.dicomdir import DirectoryEntry, make_entry, make_file_id
from safelight.releases.labels import update_labels
from safelight.releases.time_shift import MAX_SHIFT_MICROSECONDS
from safelight.releases.treatment import ReleaseTreatment
from safelight.risk.hierarchies import generalise
from safelight.standard.attribute_categories import is_registered_uid
from safelight.standard.confidentiality import find_row

#: Replacement of a value that must not be empty; also the dummy value of the first pass.
PLACEHOLDER: Final = "ANONYMOUS"

_PATIENT_ID: Final = 0x00100020
_PATIENT_NAME: Final = 0x00100010
_SHORT_TEXT_VRS: Final = frozenset({"AE", "CS", "LO", "SH", "UC"})


class SecondPassError(Exception):
    """Raised if an object cannot be rewritten; holds the reason, never a value."""


@dataclass(frozen=True)
class RewrittenObject:
    """One object of a release.

    Attributes
    ----------
    data : bytes
        Encoded object.
    sha256 : str
        SHA-256 of ``data``.
    study_uid, series_uid, sop_uid, patient : str
        Identifiers of the object in the namespace of the recipient.
    attributes : mapping of str to str
        Values of ``data`` by column of ``catalog``, with the UIDs of its SOP class and transfer
        syntax.
    method_codes : tuple of str
        Codes of De-identification Method Code Sequence.
    path : str
        Path below the folder of the release.
    entry : DirectoryEntry, optional
        Records for the DICOMDIR; None if it is not asked for, or the object has none.
    """

    data: bytes
    sha256: str
    study_uid: str
    series_uid: str
    sop_uid: str
    patient: str
    attributes: Mapping[str, str]
    method_codes: tuple[str, ...]
    path: str
    entry: Optional[DirectoryEntry] = None


class RecipientNames:
    """Pseudonyms of one recipient, derived from those of the first pass.

    Parameters
    ----------
    key : bytes
        Master key of at least 32 bytes.
    recipient : str
        Name of the recipient, or of the release if each release has pseudonyms of its own.
    namespace : str
        Namespace of the first pass.
    """

    def __init__(self, key: bytes, recipient: str, namespace: str):
        # A name of a namespace holds no slash, so no first pass has this one.
        self._names = Pseudonyms(key, f"recipient/{recipient}/{namespace}")
        self.key_id = self._names.key_id
        self.time_shift = lru_cache(maxsize=4096)(self._time_shift)

    def uid(self, uid: str) -> str:
        """Return the UID of the recipient; a registered UID stays as it is."""
        return uid if not uid or is_registered_uid(uid) else self._names.uid(uid)

    def patient(self, pseudonym: str) -> str:
        """Return the pseudonym of a patient for the recipient."""
        return self._names.patient(pseudonym).pseudonym

    def shift_days(self, pseudonym: str) -> int:
        """Return the days that are added to the dates of a patient."""
        return self._names.patient(pseudonym).shift_days

    def identifier(self, value: str) -> str:
        """Return the token of an identifier other than that of the patient."""
        return self._names.token("identifier", value)

    def _time_shift(self, pseudonym: str) -> int:
        """Return the microseconds that are added to the times of day of a patient."""
        number = self._names.number("time", pseudonym, 2 * MAX_SHIFT_MICROSECONDS)
        return number - MAX_SHIFT_MICROSECONDS


class _DataSet(NamedTuple):
    """Data set that is rewritten: the object, or an item of a sequence.

    Attributes
    ----------
    patient : str
        Pseudonym of the first pass.
    rules_hash : str
        Rules of the first pass.
    path : tuple of int
        Tags of the sequences that contain the item; empty for the object.
    """

    patient: str
    rules_hash: str
    path: tuple[int, ...] = ()

    def item_of(self, tag: int) -> _DataSet:
        """Return the description of an item of a sequence."""
        return self._replace(path=(*self.path, tag))


class ObjectRewriter:
    """Rewrite the objects of a release.

    Parameters
    ----------
    names : RecipientNames
        Pseudonyms of the recipient.
    treatment : ReleaseTreatment
        Decisions of the release.
    """

    def __init__(self, names: RecipientNames, treatment: ReleaseTreatment):
        self._names = names
        self._treatment = treatment
        self._dates = DateRewriter(names, treatment)

    def rewrite(self, data: bytes, patient: str, rules_hash: str = "") -> RewrittenObject:
        """Return an object with the pseudonyms and the dates of the recipient.

        Pixel data keep their bytes and their transfer syntax.

        Parameters
        ----------
        data : bytes
            De-identified object.
        patient : str
            Pseudonym of the patient in ``instances``.
        rules_hash : str
            Hash of the rules in ``instances``.

        Raises
        ------
        SecondPassError
            If the object cannot be read or written, or an identifier of the first pass is left.
        """
        with silence_pydicom():
            try:
                dataset = dcmread(io.BytesIO(data))
                before = _identifiers(dataset) | {patient}
                self._rewrite_items(dataset, _DataSet(patient, rules_hash))
                update_labels(dataset, self._treatment)
                dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
                attributes, codes = _read_attributes(dataset), _read_method_codes(dataset)
                path = self._make_path(dataset)
                entry = make_entry(dataset, path) if self._treatment.dicomdir else None
                written = _encode(dataset)
            except Exception as error:  # pydicom raises many types, whose messages quote values
                raise SecondPassError(f"cannot be rewritten ({type(error).__name__})") from None
        if any(identifier.encode() in written for identifier in before if identifier):
            raise SecondPassError("still hold an identifier of the first pass")
        return RewrittenObject(
            data=written,
            sha256=hashlib.sha256(written).hexdigest(),
            study_uid=str(dataset.get("StudyInstanceUID", "")),
            series_uid=str(dataset.get("SeriesInstanceUID", "")),
            sop_uid=str(dataset.SOPInstanceUID),
            patient=self._names.patient(patient),
            attributes=attributes,
            method_codes=codes,
            path=path,
            entry=entry,
        )

    def _make_path(self, dataset: Dataset) -> str:
        """Return the path of a new object below the folder of the release."""
        uids = tuple(
            str(dataset.get(keyword, ""))
            for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
        )
        return make_file_id(*uids) if self._treatment.dicomdir else f"{'/'.join(uids)}.dcm"

    def _rewrite_items(self, dataset: Dataset, place: _DataSet) -> None:
        """Rewrite the elements of a data set and of the items of its sequences."""
        for tag in list(dataset.keys()):
            treatment = find_treatment(int(tag), _find_vr(dataset, int(tag)))
            if treatment is Treatment.KEEP:
                continue  # the element keeps its bytes
            if treatment is Treatment.REMOVE:
                del dataset[tag]
                continue
            if treatment is Treatment.PRIVATE:
                self._rewrite_private(dataset, int(tag), place)
                continue
            element = dataset[tag]
            if treatment is Treatment.SEQUENCE:
                for item in element.value or ():
                    self._rewrite_items(item, place.item_of(int(tag)))
            elif not element.is_empty:
                self._rewrite_element(dataset, element, treatment, place)

    def _rewrite_private(self, dataset: Dataset, tag: int, place: _DataSet) -> None:
        """Remove a private element, or give a kept one the UIDs and dates of the recipient."""
        if not self._treatment.keep_private:
            del dataset[tag]
            return
        element = dataset[tag]
        if element.VR == "SQ":
            for item in element.value or ():
                self._rewrite_items(item, place.item_of(tag))
        elif element.VR in _PRIVATE_TREATMENTS and not element.is_empty:
            self._rewrite_element(dataset, element, _PRIVATE_TREATMENTS[element.VR], place)

    def _rewrite_element(
        self, dataset: Dataset, element: DataElement, treatment: Treatment, place: _DataSet
    ) -> None:
        """Replace the values of one element, or remove it."""
        many = isinstance(element.value, MultiValue)
        values = [str(value) for value in element.value] if many else [str(element.value)]
        new = [self._rewrite_value(value, element, treatment, place) for value in values]
        kept = [value for value in new if value is not None]
        if len(kept) == len(new):
            element.value = kept if many else kept[0]
        else:
            _drop_value(dataset, element)

    def _rewrite_value(
        self, value: str, element: DataElement, treatment: Treatment, place: _DataSet
    ) -> Optional[str]:
        """Return the new value; None to remove the element."""
        tag = int(element.tag)
        if treatment is Treatment.UID:
            return self._names.uid(value)
        if treatment in _TEMPORAL_TREATMENTS:
            return self._dates.rewrite(value, tag, element.VR, treatment, place.patient)
        if treatment is Treatment.QUASI_IDENTIFIER:
            column = GENERALISED_COLUMNS[tag]
            return generalise(column, self._treatment.levels.get(column, 0), value)
        if self._is_text_of_rules(value, tag, element.VR, place):
            return value
        if treatment is Treatment.DESCRIPTION:
            common = value.strip() in self._treatment.common_descriptions
            return value if common or value == PLACEHOLDER else None
        return self._rewrite_identifier(value, tag, element.VR, place.patient)

    def _is_text_of_rules(self, value: str, tag: int, vr: str, place: _DataSet) -> bool:
        """Return whether the rules of the first pass write a value for every patient."""
        written = self._treatment.written_texts
        if not written or tag == _PATIENT_ID:
            return False
        return written.has(place.rules_hash, place.path, tag, vr, value)

    def _rewrite_identifier(self, value: str, tag: int, vr: str, patient: str) -> Optional[str]:
        """Return the identifier of the recipient; None for text and numbers without a token."""
        if value == PLACEHOLDER:
            return value
        if tag in (_PATIENT_ID, _PATIENT_NAME) or value == patient:
            return self._names.patient(patient)
        if vr == "PN" or vr in _SHORT_TEXT_VRS:
            return self._names.identifier(value)
        return None


_TEMPORAL_TREATMENTS: Final = frozenset({Treatment.DATE, Treatment.TIME, Treatment.SHARED_DATE})

_DATE_PLACEHOLDERS: Final = {"DA": "19000101", "DT": "19000101000000", "TM": "000000"}

_PRIVATE_TREATMENTS: Final = {
    "UI": Treatment.UID,
    "DA": Treatment.DATE,
    "DT": Treatment.DATE,
    "TM": Treatment.TIME,
}


def _encode(dataset: FileDataset) -> bytes:
    """Return the encoded object.

    Explicit VR is written where the transfer syntax requires it, even if the first pass has read
    implicit VR there. A transfer syntax that pydicom does not know keeps its encoding.
    """
    syntax = dataset.file_meta.TransferSyntaxUID
    implicit, little_endian = dataset.original_encoding
    known = syntax.is_transfer_syntax
    if known and not syntax.is_implicit_VR and _is_implicit(dataset):
        for _ in dataset.iterall():  # gives each element the VR of the dictionary
            pass
    buffer = io.BytesIO()
    if known:
        dataset.save_as(buffer, enforce_file_format=True)
    else:
        dcmwrite(
            buffer, dataset, implicit_vr=implicit, little_endian=little_endian, force_encoding=True
        )
    return buffer.getvalue()


def _is_implicit(dataset: Dataset) -> bool:
    """Return whether elements were read without a VR."""
    elements = map(dataset.get_item, dataset.keys())
    return any(getattr(element, "is_implicit_VR", False) for element in elements)


def _identifiers(dataset: FileDataset) -> frozenset[str]:
    """Return the identifiers of the first pass that no object of a release may hold."""
    keywords = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    uids = (str(dataset.get(keyword, "")) for keyword in keywords)
    return frozenset(uid for uid in uids if not is_registered_uid(uid))


def _read_attributes(dataset: FileDataset) -> dict[str, str]:
    """Return the values of the columns of ``catalog``; several values as DICOM separates them."""
    found = {
        "sop_class_uid": str(dataset.get("SOPClassUID", "")),
        "transfer_syntax_uid": str(dataset.file_meta.TransferSyntaxUID),
    }
    for tag, column in CATALOG_COLUMNS.items():
        element = dataset.get(tag)
        if element is not None and not element.is_empty:
            value = element.value
            many = isinstance(value, MultiValue)
            found[column] = "\\".join(map(str, value)) if many else str(value)
    return found


def _read_method_codes(dataset: Dataset) -> tuple[str, ...]:
    """Return the codes of the methods that the first pass has carried out."""
    items = dataset.get("DeidentificationMethodCodeSequence") or ()
    return tuple(str(item.get("CodeValue", "")) for item in items)


def _find_vr(dataset: Dataset, tag: int) -> str:
    """Return the VR of an element; that of the dictionary if the object does not give it."""
    vr = dataset.get_item(tag).VR
    if vr in (None, "UN"):
        return dictionary_VR(tag) if dictionary_has_tag(tag) else "UN"
    return str(vr)


def _drop_value(dataset: Dataset, element: DataElement) -> None:
    """Remove an element, empty it, or give it a placeholder, as the Basic Profile does."""
    row = find_row(int(element.tag))
    basic = row.basic if row is not None else "Z"
    if "D" in basic and element.VR in _SHORT_TEXT_VRS | {"LT", "ST", "UT", "PN"}:
        element.value = PLACEHOLDER
    elif "D" in basic and element.VR in _DATE_PLACEHOLDERS:
        element.value = _DATE_PLACEHOLDERS[element.VR]
    elif basic == "X":
        del dataset[element.tag]
    else:
        element.value = None
