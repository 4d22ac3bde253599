"""Read the encrypted original values of an object with the private key of a recipient."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.uid import UID

from safelight.encryption.envelope import EnvelopeError, open_envelope

_SYNTAXES = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2")


class EncryptedValue(NamedTuple):
    r"""Original value of an attribute. PHI.

    Attributes
    ----------
    location : str
        Tag path, such as ``(0010,1002)[0].(0010,0020)``.
    keyword : str
    vr : str
    value : str
        Several values are joined by ``\``; bytes are in hexadecimal.
    """

    location: str
    keyword: str
    vr: str
    value: str


class EncryptedObject(NamedTuple):
    """Object whose encrypted values were opened. PHI.

    Attributes
    ----------
    pseudonyms : tuple of str
        Patient ID and UIDs of the object, which are pseudonyms.
    values : tuple of EncryptedValue
        Empty if the object has no Encrypted Attributes Sequence.
    """

    pseudonyms: tuple[str, ...]
    values: tuple[EncryptedValue, ...]


def open_encrypted_object(data: bytes, private_key: RSAPrivateKey) -> EncryptedObject:
    """Return the encrypted original values of an object.

    Parameters
    ----------
    data : bytes
        The de-identified object.
    private_key : RSAPrivateKey
        Key of the certificate of a recipient.

    Raises
    ------
    EnvelopeError
        If the object cannot be read, or the key does not open it. The message holds no value.
    """
    try:
        dataset = dcmread(BytesIO(data), stop_before_pixels=True, force=True)
        items = list(dataset.get("EncryptedAttributesSequence") or [])
        pseudonyms = tuple(
            str(dataset.get(keyword, ""))
            for keyword in ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
        )
    except Exception:  # pydicom raises many classes for damaged objects
        raise EnvelopeError("the object is not a DICOM object that can be read") from None
    values = [value for item in items for value in _open_item(item, private_key)]
    return EncryptedObject(pseudonyms, tuple(values))


def _open_item(item: Dataset, private_key: RSAPrivateKey) -> list[EncryptedValue]:
    """Return the values of one Encrypted Attributes Data Set."""
    syntax = str(item.get("EncryptedContentTransferSyntaxUID", ""))
    if syntax not in _SYNTAXES:
        raise EnvelopeError("the encrypted content has a transfer syntax that cannot be read")
    content = open_envelope(bytes(item.get("EncryptedContent") or b""), private_key)
    try:
        uid = UID(syntax)
        opened = read_dataset(BytesIO(content), uid.is_implicit_VR, uid.is_little_endian)
        originals = list(opened.ModifiedAttributesSequence)
        return [value for original in originals for value in _list_values(original, "")]
    except Exception:  # see above
        raise EnvelopeError("the encrypted content is not a data set that can be read") from None


def _list_values(dataset: Dataset, path: str) -> Iterator[EncryptedValue]:
    """Yield the values of a data set, and of the items of its sequences."""
    for element in dataset:
        tag = element.tag
        location = f"{path}({tag.group:04X},{tag.element:04X})"
        if element.VR == "SQ":
            for number, item in enumerate(element.value or ()):
                yield from _list_values(item, f"{location}[{number}].")
            continue
        value = element.value
        if isinstance(value, bytes):
            text = value.hex()
        elif element.VM > 1:
            text = "\\".join(map(str, value))
        else:
            text = "" if value is None else str(value)
        yield EncryptedValue(location, element.keyword, element.VR, text)
