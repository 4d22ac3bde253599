"""Compare the header stage with other tools in one run: objects per CPU second, in memory.

    python -m benchmarks.headers [--seconds 3]

All tools get the same bytes: a series of CT slices that differ as slices do (instance UID and
number, position, times), once with 527 KB and once with 64 KB of pixels. Pixel stage and text
model are off; each tool removes or replaces the identifying header.
"""

from __future__ import annotations

import argparse
import io
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

RESULTS = Path(__file__).parent / "results" / "headers.md"
KEY = bytes(range(32))
SLICES = 64

Process = Callable[[bytes], bytes]


def ct_series(rows: int, columns: int) -> list[bytes]:
    """Return a CT series with 111 elements per slice, as of a scanner, with invented values."""
    slices = []
    for number in range(SLICES):
        ds = Dataset()
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.file_meta.MediaStorageSOPClassUID = CTImageStorage
        ds.SOPClassUID = CTImageStorage
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = UID(
            f"1.2.826.0.1.3680043.8.{number}"
        )
        ds.SpecificCharacterSet = "ISO_IR 100"
        ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        for keyword, value in _SERIES_VALUES.items():
            setattr(ds, keyword, value)
        ds.InstanceNumber = number + 1
        ds.SliceLocation = f"{number * 2.5:.1f}"
        ds.ImagePositionPatient = ["-200", "-200", f"{number * 2.5:.1f}"]
        ds.ContentTime = ds.AcquisitionTime = f"101{500 + number % 60}.{number:03d}"
        ds.InstanceCreationTime = f"101{700 + number % 60}.{number:03d}"
        for sequence, count in (("ReferencedStudySequence", 1), ("ReferencedImageSequence", 2)):
            items = []
            for index in range(count):
                item = Dataset()
                item.ReferencedSOPClassUID = CTImageStorage
                item.ReferencedSOPInstanceUID = f"1.2.826.0.1.3680043.9.{count}.{index}"
                items.append(item)
            setattr(ds, sequence, items)
        code = Dataset()
        code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "T-D3000", "SRT", "Chest"
        ds.ProcedureCodeSequence = [code]
        block = ds.private_block(0x0009, "ACME CT 01", create=True)
        for element in range(24):
            block.add_new(element, "LO", f"PRIVATE {element}")
        ds.Rows, ds.Columns = rows, columns
        ds.PixelData = bytes(range(256)) * (rows * columns * 2 // 256)
        buffer = io.BytesIO()
        ds.save_as(buffer, enforce_file_format=True)
        slices.append(buffer.getvalue())
    return slices


_SERIES_VALUES = {
    "InstanceCreationDate": "20190312", "StudyDate": "20190312", "SeriesDate": "20190312",
    "AcquisitionDate": "20190312", "ContentDate": "20190312", "StudyTime": "101500",
    "SeriesTime": "101600", "AccessionNumber": "A7731904", "Modality": "CT",
    "Manufacturer": "ACME", "InstitutionName": "Northfield General",
    "InstitutionAddress": "12 Quarry Lane", "ReferringPhysicianName": "WHITLOW^ADA",
    "StationName": "CT01", "StudyDescription": "CHEST", "SeriesDescription": "AXIAL 2.5",
    "InstitutionalDepartmentName": "RADIOLOGY", "PhysiciansOfRecord": "WHITLOW^ADA",
    "PerformingPhysicianName": "OKONJO^LEE", "OperatorsName": "BRANDT^MIA",
    "ManufacturerModelName": "MODEL 64", "PatientName": "HARGREAVE^TOMAS",
    "PatientID": "PX440172", "PatientBirthDate": "19610702", "PatientSex": "M",
    "PatientAge": "057Y", "PatientSize": "1.80", "PatientWeight": "81",
    "BodyPartExamined": "CHEST", "ScanOptions": "HELICAL", "SliceThickness": "2.5",
    "KVP": "120", "DataCollectionDiameter": "500", "DeviceSerialNumber": "55417",
    "SoftwareVersions": "7.1", "ProtocolName": "CHEST ROUTINE", "ReconstructionDiameter": "400",
    "DistanceSourceToDetector": "949", "DistanceSourceToPatient": "541",
    "GantryDetectorTilt": "0", "TableHeight": "150", "RotationDirection": "CW",
    "ExposureTime": "500", "XRayTubeCurrent": "280", "Exposure": "140",
    "FilterType": "BODY", "GeneratorPower": "33", "FocalSpots": "1.2",
    "ConvolutionKernel": "STANDARD", "PatientPosition": "HFS",
    "StudyInstanceUID": "1.2.826.0.1.3680043.7.1", "SeriesInstanceUID": "1.2.826.0.1.3680043.7.2",
    "StudyID": "4471", "SeriesNumber": "2", "AcquisitionNumber": "1",
    "ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"],
    "FrameOfReferenceUID": "1.2.826.0.1.3680043.7.3", "PositionReferenceIndicator": "SN",
    "SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2", "BitsAllocated": 16,
    "BitsStored": 12, "HighBit": 11, "PixelRepresentation": 0, "PixelSpacing": ["0.78", "0.78"],
    "WindowCenter": "40", "WindowWidth": "400", "RescaleIntercept": "-1024",
    "RescaleSlope": "1", "RescaleType": "HU", "RequestingPhysician": "WHITLOW^ADA",
    "RequestedProcedureDescription": "CT CHEST", "PerformedProcedureStepStartDate": "20190312",
    "PerformedProcedureStepStartTime": "101400", "PerformedProcedureStepID": "P77",
    "PerformedProcedureStepDescription": "CT CHEST",
}  # fmt: skip


def make_safelight(rules: str) -> Process:
    """Return the Python API of Safelight, without pixel stage and text model."""
    from safelight import Deidentifier

    engine = Deidentifier(rules, key=KEY, pixels=False, text=False)

    def run(data: bytes) -> bytes:
        result = engine.deidentify(data)
        assert result.data is not None, result.reason
        return result.data

    return run


def make_copy(folder: Path) -> Process:
    """Return a copy from file to file: the minimum for any tool that writes files."""
    source, target = folder / "in.dcm", folder / "out.dcm"

    def run(data: bytes) -> bytes:
        if not source.exists() or source.stat().st_size != len(data):
            source.write_bytes(data)
        copied = source.read_bytes()
        target.write_bytes(copied)
        return copied

    return run


def read_with_pydicom(data: bytes) -> bytes:
    """Read an object with pydicom."""
    pydicom.dcmread(io.BytesIO(data))
    return data


def save_with_pydicom(data: bytes) -> bytes:
    """Read and write an object with pydicom, without a change."""
    buffer = io.BytesIO()
    pydicom.dcmread(io.BytesIO(data)).save_as(buffer)
    return buffer.getvalue()


def make_dicognito() -> Process:
    """Return the anonymizer of dicognito with the settings of its command line."""
    from dicognito.anonymizer import Anonymizer

    anonymizer = Anonymizer(seed="s")

    def run(data: bytes) -> bytes:
        ds = pydicom.dcmread(io.BytesIO(data))
        anonymizer.anonymize(ds)
        buffer = io.BytesIO()
        ds.save_as(buffer)
        return buffer.getvalue()

    return run


def make_dcmanon() -> Process:
    """Return the anonymizer of dcmanon (Rust), by its Python module."""
    import dcmanon  # type: ignore[import-untyped, unused-ignore]

    anonymizer = dcmanon.Anonymizer()
    return lambda data: bytes(anonymizer.anonymize(io.BytesIO(data)))


def installed_tools(folder: Path) -> Iterator[tuple[str, Process]]:
    """Return name and function of each installed tool."""
    yield "copy the file", make_copy(folder)
    yield "Safelight, research", make_safelight("research")
    yield "Safelight, basic", make_safelight("basic")
    yield "pydicom read", read_with_pydicom
    yield "pydicom read and save", save_with_pydicom
    for name, make in (("dcmanon 0.3.1", make_dcmanon), ("dicognito", make_dicognito)):
        try:
            yield name, make()
        except ImportError:
            print(f"{name} is not installed and was not measured")


def measure_rate(work: Process, series: list[bytes], seconds: float) -> float:
    """Return the objects per CPU second, after four objects to warm up."""
    for data in series[:4]:
        work(data)
    done, start = 0, time.process_time()
    while time.process_time() - start < seconds:
        for data in series:
            work(data)
        done += len(series)
    return done / (time.process_time() - start)


def main() -> None:
    """Measure all tools and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="CPU seconds per figure")
    args = parser.parse_args()
    sizes = {"527 KB": ct_series(512, 512), "64 KB": ct_series(176, 176)}
    lines = [
        "# Header stage: objects per CPU second",
        "",
        f"{platform.machine()}, Python {platform.python_version()}, one process. Written by "
        "`python -m benchmarks.headers`. Compare figures of one run only, because the machine is "
        "shared.",
        "",
        "| | " + " | ".join(f"{size}, objects/s | relative to copying" for size in sizes) + " |",
        "|---|" + "---:|---:|" * len(sizes),
    ]
    floor: dict[str, float] = {}
    scratch = tempfile.TemporaryDirectory()
    for name, work in installed_tools(Path(scratch.name)):
        cells = []
        for size, series in sizes.items():
            figure = measure_rate(work, series, args.seconds)
            floor.setdefault(size, figure)
            cells.append(f"{figure:,.0f} | {figure / floor[size]:.2f}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
        print(lines[-1])
    scratch.cleanup()
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
