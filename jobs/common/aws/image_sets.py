"""Build a DICOM file from the metadata and the frames of an image set of AWS HealthImaging.

Source: page "Metadata normalization" of the developer guide. Keys are keywords of PS3.6; elements
of patient, study and series are stored once; texts are Unicode; binary values are base64. Private
elements have the tag as key, and their VR in ``DICOMVRs``.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from jobs.common.aws.image_set_api import ImageSetMetadata
from safelight.records import Reason, Refusal

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: Frames that are requested at one time.
PARALLEL_FRAMES = 8

_BINARY_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_FLOAT_VRS = frozenset({"FL", "FD"})
_INTEGER_VRS = frozenset({"SL", "SS", "SV", "UL", "US", "UV"})
_UTF_8 = "ISO_IR 192"


def rebuild_instance(
    metadata: ImageSetMetadata,
    series: str,
    instance: str,
    read_frame: Callable[[str], bytes],
) -> bytes:
    """Return an instance as a file of PS3.10, with its frames as they are stored.

    Parameters
    ----------
    metadata : mapping
        Metadata of the image set.
    series, instance : str
        UIDs of the instance.
    read_frame : callable
        Returns the bytes of a frame by its ID.

    Raises
    ------
    Refusal
        ``UNREADABLE_SOURCE`` if the metadata does not have all of the instance.
    """
    with _values_hidden():
        series_level = metadata["Study"]["Series"][series]
        stored = series_level["Instances"][instance]
        levels = (metadata["Patient"], metadata["Study"], series_level, stored)
        dataset = _Builder(stored.get("DICOMVRs") or {}).build(levels)
        syntax = _transfer_syntax(stored)
        names = _list_frames(stored)
    frames = _fetch_frames(names, read_frame)
    with _values_hidden():
        return _write(dataset, syntax, frames)


@contextmanager
def _values_hidden() -> Iterator[None]:
    """Raise a refusal instead of any exception, whose message may hold a value."""
    from safelight.dicom.quiet_logging import silence_pydicom

    try:
        with silence_pydicom():
            yield
    except Refusal:
        raise
    except Exception:
        raise _refusal("is not as documented") from None


def _refusal(problem: str) -> Refusal:
    return Refusal(
        Reason.UNREADABLE_SOURCE,
        f"the metadata of the image set {problem}; read the instance with retrieve=dicomweb",
    )


class _Builder:
    """Build a data set from the levels of the metadata.

    Parameters
    ----------
    vrs : mapping
        VRs of private elements by their keys.
    """

    def __init__(self, vrs: Mapping[str, str]):
        self._vrs = vrs
        self._is_signed = False

    def build(self, levels: Sequence[Mapping[str, Any]]) -> Dataset:
        """Return the data set of patient, study, series and instance.

        Raises
        ------
        Refusal
            If an element cannot be built.
        """
        values: dict[str, Any] = {}
        for level in levels:
            values |= level.get("DICOM") or {}
        self._is_signed = values.get("PixelRepresentation") == 1
        dataset = self._build_dataset(values)
        dataset.SpecificCharacterSet = _UTF_8
        return dataset

    def _build_dataset(self, values: Mapping[str, Any]) -> Dataset:
        from pydicom.dataset import Dataset

        dataset = Dataset()
        for key, value in values.items():
            self._add(dataset, key, value)
        return dataset

    def _add(self, dataset: Dataset, key: str, value: Any) -> None:
        """Add one element; those of the file meta information are written again."""
        from pydicom import config
        from pydicom.dataelem import DataElement
        from pydicom.sequence import Sequence as DicomSequence

        tag, vr = self._identify(key)
        if tag >> 16 == 2 or tag in (0x7FE00010, 0x00080005):
            return
        content: Any
        if vr == "SQ":
            content = DicomSequence([self._build_dataset(item) for item in value or ()])
        else:
            content = _convert(vr, value)
        dataset.add(DataElement(tag, vr, content, validation_mode=config.IGNORE))

    def _identify(self, key: str) -> tuple[int, str]:
        """Return the tag and the VR of a key.

        Raises
        ------
        Refusal
            If the key is neither a keyword nor a tag with a VR.
        """
        from pydicom.datadict import dictionary_VR, tag_for_keyword

        tag = tag_for_keyword(key)
        if tag is not None:
            return tag, self._choose(key, dictionary_VR(tag))
        try:
            tag = int(key, 16) if len(key) == 8 else -1
        except ValueError:
            tag = -1
        vr = self._vrs.get(key, "")
        if not vr and tag >> 16 & 1 and 0x10 <= tag & 0xFFFF <= 0xFF:
            vr = "LO"  # a private creator (PS3.5, section 7.8.1)
        if tag < 0 or not vr:
            raise _refusal("has an element without a known VR")
        return tag, vr

    def _choose(self, key: str, vr: str) -> str:
        """Return one VR of an element that may have several."""
        if " or " not in vr:
            return vr
        stated = self._vrs.get(key, "")
        if stated in vr.split(" or "):
            return stated
        if vr == "US or SS":
            return "SS" if self._is_signed else "US"
        return "OW" if "OW" in vr else "US"


def _convert(vr: str, value: Any) -> Any:
    """Return the value of an element that is not a sequence.

    Raises
    ------
    Refusal
        If the value is stored apart from the metadata.
    """
    if isinstance(value, Mapping):
        raise _refusal("refers to a value that is stored apart from it")
    if value is None:
        return None
    if vr in _BINARY_VRS:
        return base64.b64decode(value, validate=True)
    if vr == "AT":
        return [int(str(tag), 16) for tag in _as_list(value)]
    if vr in _INTEGER_VRS:
        return [int(number) for number in _as_list(value)]
    if vr in _FLOAT_VRS:
        return [float(number) for number in _as_list(value)]
    return [str(text) for text in value] if isinstance(value, list) else str(value)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _transfer_syntax(stored: Mapping[str, Any]) -> str:
    """Return the transfer syntax of the stored frames.

    Source: page "Getting image set metadata": the element is the original transfer syntax.
    """
    syntax = stored.get("StoredTransferSyntaxUID") or stored["DICOM"]["TransferSyntaxUID"]
    return str(syntax).strip()


def _list_frames(stored: Mapping[str, Any]) -> list[str]:
    """Return the IDs of the frames of an instance in their order; none without pixel data.

    Raises
    ------
    Refusal
        If not all frames are there.
    """
    elements = stored["DICOM"]
    frames = [str(frame["ID"]) for frame in stored.get("ImageFrames") or ()]
    expected = int(elements.get("NumberOfFrames") or 1) if "Rows" in elements else 0
    if len(frames) != expected:
        raise _refusal("does not have all frames of an instance")
    return frames


def _fetch_frames(names: list[str], read_frame: Callable[[str], bytes]) -> list[bytes]:
    if len(names) < 2:
        return [read_frame(name) for name in names]
    with ThreadPoolExecutor(PARALLEL_FRAMES) as pool:
        return list(pool.map(read_frame, names))


def _write(dataset: Dataset, syntax: str, frames: list[bytes]) -> bytes:
    """Return the file of a data set with its frames."""
    from pydicom.dataelem import DataElement
    from pydicom.dataset import FileMetaDataset
    from pydicom.encaps import encapsulate, encapsulate_extended
    from pydicom.filewriter import dcmwrite
    from pydicom.uid import UID, ExplicitVRLittleEndian

    uid = UID(syntax)
    if not frames:
        uid = ExplicitVRLittleEndian
    elif uid.is_encapsulated:
        if int(dataset.get("SamplesPerPixel") or 1) > 1:
            dataset.PlanarConfiguration = 0  # PS3.5, section 8.2.14: interleaved
        if sum(map(len, frames)) < 1 << 32:
            content = encapsulate(frames)
        else:
            content, offsets, lengths = encapsulate_extended(frames)
            dataset.ExtendedOffsetTable = offsets
            dataset.ExtendedOffsetTableLengths = lengths
        dataset.add(DataElement(0x7FE00010, "OB", content))
        dataset["PixelData"].is_undefined_length = True
    else:
        dataset.add(DataElement(0x7FE00010, "OW", b"".join(frames)))
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = uid
    buffer = io.BytesIO()
    dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()
