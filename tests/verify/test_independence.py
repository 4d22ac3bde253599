"""The check is not the engine: it imports nothing of what it checks, and its lists load."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import safelight.verify
from safelight.verify.identifiers import identifiers, vocabulary
from safelight.verify.phi_shapes import find_shapes

MODULES = sorted(Path(safelight.verify.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_nothing_of_the_engine(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [node.module or ""]
        for name in names:
            own = name == "safelight.verify" or name.startswith("safelight.verify.")
            assert own or name.partition(".")[0] not in ("safelight", "jobs", "nlp_pipelines")


def test_every_identifier_is_an_attribute_of_the_standard() -> None:
    found = identifiers()  # raises for an unknown keyword
    assert {"PatientID", "AccessionNumber", "InstitutionName", "PatientAddress"} <= found.keys()
    assert "PatientSex" not in found


def test_words_of_the_dictionary_are_no_names_and_names_are_no_words() -> None:
    assert {"series", "acquisition", "chest", "phantom"} <= vocabulary()
    assert not {"quillfeather", "hargreave", "smith", "garcia"} & vocabulary()


@pytest.mark.parametrize(
    "text",
    [
        "CHEST PA AND LATERAL", "T1 AX 3mm TE 20.5", "1.2.840.113619.2.55", "ROI 4 120-180-2400",
        "Helical 0.75/1.5", "version 10.20.3", "kernel B30f^medium", "ratio 123-45-678",
        "Siemens, Erlangen", "12 Monitor",
        "Abdomen^Liver",
        "Head^Routine",
        "SIEMENS^BRAIN^GENERAL",
    ],
)  # fmt: skip
def test_technical_text_has_no_identifying_shape(text: str) -> None:
    assert [name for name, _ in find_shapes(text, dates=True)] == []


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("write to o.quill@example.org", "e-mail address"),
        ("see https://pacs.example.org/x", "web address"),
        ("SSN 212-45-6789", "social security number"),
        ("call (617) 555-0142", "telephone number"),
        ("from 192.168.4.17", "network address"),
        ("MRN: 4471902", "labelled number"),
        ("Referring: Marchbanks, Ivo", "labelled name"),
        ("read by Dr. Marchbanks", "titled name"),
        ("QUILLFEATHER^OTTOLINE", "name in DICOM form"),
        ("HEAD^OTTOLINE", "name in DICOM form"),
        ("DOB 4 July", "labelled birth date"),
        ("12 Mill Lane", "street address"),
        ("on 2024-03-10", "date"),
        ("10 MAR 2024", "date"),
        ("20240310", "date"),
    ],
)
def test_identifying_shapes_are_seen(text: str, shape: str) -> None:
    assert shape in [name for name, _ in find_shapes(text, dates=True)]
