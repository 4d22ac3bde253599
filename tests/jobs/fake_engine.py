"""An engine of the real one's form whose outcomes a test chooses by the bytes of a source.

A source is a line ``study series sop words…``; the first word may ask for an accident.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from safelight.pseudonyms import Pseudonyms
from safelight.records import Action, Finding, PseudonymMapping, Result, Span, Status


@dataclass(frozen=True)
class FakeScan:
    texts: frozenset[str]


class FakeEngine:
    """Keeps words, but for those in spans; ``raise`` raises with the whole content in it."""

    def __init__(self, rules: Any, key: bytes, namespace: str, pixels: bool, text: bool):
        self._names = Pseudonyms(key, namespace)

    def scan(self, data: bytes) -> FakeScan:
        text = data.decode().split(" ", 3)[3]
        if text == "die in scan":
            os._exit(9)
        return FakeScan(frozenset({text}))

    def deidentify(self, data: bytes) -> Result:
        return self.rebuild(data, FakeScan(frozenset()), {})

    def rebuild(
        self, data: bytes, scan: FakeScan, spans: Optional[Mapping[str, Sequence[Span]]] = None
    ) -> Result:
        if not data.strip():
            return Result(Status.FILTERED, "not_dicom", "this is no DICOM object")
        study, series, sop, text = data.decode().split(" ", 3)
        if text.startswith("raise"):
            raise RuntimeError(text)
        if text.startswith("die"):
            os._exit(9)
        for span in sorted((spans or {}).get(text, ()), key=lambda s: -s.begin):
            text = text[: span.begin] + "*" + text[span.end :]
        study, series, sop = (self._names.uid(uid) for uid in (study, series, sop))
        patient = self._names.patient("p").pseudonym
        return Result(
            status=Status.DEIDENTIFIED,
            data=f"{study} {series} {sop} {text}".encode(),
            sop_class_uid="1.2.840.10008.5.1.4.1.1.2",
            modality="CT",
            study_uid=study,
            series_uid=series,
            sop_uid=sop,
            patient_pseudonym=patient,
            actions=(Action("(0010,0010)", "PatientName", "PN", "replace", "E.1-1 Z"),) * 2,
            findings=(Finding("(0008,103E)", "NAME", "ner", 0.9, "ab" * 32),),
            mappings=(PseudonymMapping("sop_uid", data.decode().split(" ")[2], sop, patient),),
            catalog={"modality": "CT", "rows": 512},
        )
