"""A de-identifier whose outcomes a test chooses by the content of a source.

A source is a line ``study series sop words…``. The words may begin with a request:
``raise`` raises with the whole content, ``die`` ends the process, ``hang`` sleeps, ``spin`` runs
native code that never returns, ``fill`` allocates 16 GiB.
"""

from __future__ import annotations

import itertools
import os
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Optional

from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from safelight.deidentifier import SourceScan
from safelight.records import Action, Finding, PseudonymMapping, Result, Span, Status


class FakeDeidentifier:
    """Keep the words of a source, except those in spans."""

    def __init__(self, config: DeidentifierConfig):
        self._names = config.pseudonyms()

    def scan(self, data: bytes) -> SourceScan:
        text = data.decode().split(" ", 3)[3]
        if text == "die in scan":
            os._exit(9)
        return SourceScan(frozenset({text}))

    def deidentify(self, data: bytes) -> Result:
        return self.rebuild(data, SourceScan(frozenset()), {})

    def rebuild(
        self, data: bytes, scan: SourceScan, spans: Optional[Mapping[str, Sequence[Span]]] = None
    ) -> Result:
        if not data.strip():
            return Result(Status.FILTERED, "not_dicom", "this is no DICOM object")
        study, series, sop, text = data.decode().split(" ", 3)
        if text.startswith("raise"):
            raise RuntimeError(text)
        if text.startswith("die"):
            os._exit(9)
        if text.startswith("hang"):
            time.sleep(3600)
        if text.startswith("spin"):
            deque(itertools.repeat(0), maxlen=0)
        if text.startswith("fill"):
            bytearray(1 << 34)
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
