"""Print the boxes that Presidio's DICOM redactor masks; runs in an interpreter that has Presidio.

    INTERPRETER benchmarks/burned_in/presidio_child.py MODEL [TESSERACT_OPTIONS] < paths

It reads paths of DICOM objects, one per line, and writes one JSON object per line: ``boxes`` (left,
top, width, height), ``cpu`` and ``wall`` seconds (with Tesseract's own process), ``error`` (a class
name, or empty). MODEL is the spaCy model of the analyzer. Everything else has Presidio's default
settings: Tesseract, a padding of 25 pixels, and the values of the header as a list of PHI.
TESSERACT_OPTIONS such as ``--psm 11`` (sparse text) are passed as its ``ocr_kwargs``.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from typing import Any


def seconds() -> float:
    """Return the CPU seconds of this process and of its finished child processes."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def engine(model: str) -> Any:
    """Return Presidio's DICOM redactor with one spaCy model."""
    from presidio_analyzer import AnalyzerEngine  # type: ignore[import-not-found, unused-ignore]
    from presidio_analyzer.nlp_engine import (  # type: ignore[import-not-found, unused-ignore]
        NlpEngineProvider,
    )
    from presidio_image_redactor import (  # type: ignore[import-not-found, unused-ignore]
        DicomImageRedactorEngine,
        ImageAnalyzerEngine,
    )

    models = [{"lang_code": "en", "model_name": model}]
    nlp = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models})
    analyzer = AnalyzerEngine(nlp_engine=nlp.create_engine(), supported_languages=["en"])
    return DicomImageRedactorEngine(ImageAnalyzerEngine(analyzer_engine=analyzer))


def main() -> None:
    """Print one line for each path."""
    import pydicom

    # Output of the libraries must not be mixed with the answers.
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
            except Exception as failure:  # failures of Presidio are part of the result
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
