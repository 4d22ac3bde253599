"""Boxes that Presidio's DICOM redactor would fill: run by an interpreter that has it.

    INTERPRETER benchmarks/presidio_child.py MODEL [TESSERACT_OPTIONS] < paths

Reads paths of DICOM objects, one a line, and writes one JSON object a line: ``boxes``
(left, top, width, height), ``cpu`` and ``wall`` seconds (Tesseract's own process included),
``error`` (a class name, or empty). MODEL is the spaCy model of its analyzer. All else is as
Presidio ships: Tesseract, padding of 25 pixels, the header's values as a list to look for.
TESSERACT_OPTIONS such as ``--psm 11`` (sparse text) are handed to its ``ocr_kwargs``.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from typing import Any


def seconds() -> float:
    """CPU seconds of this process and of the programs that it has waited for."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def engine(model: str) -> Any:
    """Presidio's DICOM redactor with one spaCy model."""
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider
    from presidio_image_redactor import DicomImageRedactorEngine, ImageAnalyzerEngine

    models = [{"lang_code": "en", "model_name": model}]
    nlp = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models})
    analyzer = AnalyzerEngine(nlp_engine=nlp.create_engine(), supported_languages=["en"])
    return DicomImageRedactorEngine(ImageAnalyzerEngine(analyzer_engine=analyzer))


def main() -> None:
    """Answer each path that is read with a line."""
    import pydicom

    # What the libraries print must not stand between the answers.
    answers = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        redactor = engine(sys.argv[1])
        options = {"config": sys.argv[2]} if len(sys.argv) > 2 else None
        for path in sys.stdin.read().splitlines():
            wall, cpu, error = time.perf_counter(), seconds(), ""
            boxes: list[dict[str, int]] = []
            try:
                instance = pydicom.dcmread(path)
                _, boxes = redactor.redact_and_return_bbox(instance, ocr_kwargs=options)
            except Exception as failure:  # its failures are part of what is measured
                error = type(failure).__name__
            answer = {
                "boxes": [[b["left"], b["top"], b["width"], b["height"]] for b in boxes],
                "cpu": seconds() - cpu,
                "wall": time.perf_counter() - wall,
                "error": error,
            }
            print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
