"""Shapes of identifying text: technical text has none, identifying text has its shape."""

from __future__ import annotations

import pytest

from safelight.verify.phi_shapes import find_phi_shapes


@pytest.mark.parametrize(
    "text",
    [
        "CHEST PA AND LATERAL", "T1 AX 3mm TE 20.5", "1.2.840.113619.2.55", "ROI 4 120-180-2400",
        "Helical 0.75/1.5", "version 10.20.3", "kernel B30f^medium", "ratio 123-45-678",
        "Siemens, Erlangen", "12 Monitor", "4 via place", "2 chemin", "Via Port 3",
        "Abdomen^Liver",
        "Head^Routine",
        "SIEMENS^BRAIN^GENERAL",
    ],
)  # fmt: skip
def test_technical_text_has_no_identifying_shape(text: str) -> None:
    assert [name for name, _ in find_phi_shapes(text, with_dates=True)] == []


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
        ("Lindenstr. 12", "street address in another language"),
        ("12 rue de la Gare", "street address in another language"),
        ("Calle Mayor, 4", "street address in another language"),
        ("on 2024-03-10", "date"),
        ("10 MAR 2024", "date"),
        ("20240310", "date"),
    ],
)
def test_identifying_text_has_a_shape(text: str, shape: str) -> None:
    assert shape in [name for name, _ in find_phi_shapes(text, with_dates=True)]
