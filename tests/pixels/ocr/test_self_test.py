"""An OCR engine that reads nothing is noticed before its first picture."""

from __future__ import annotations

import pytest

from safelight import Deidentifier
from safelight.pixels.ocr import make_reader
from safelight.pixels.ocr.base import Reading, TextReader
from safelight.pixels.ocr.rapid import RapidReader
from safelight.pixels.ocr.self_test import check_reader
from safelight.records import Reason, Refusal, Status
from tests.pixels.drawn_text import draw_text
from tests.pixels.objects import native_object


@pytest.mark.parametrize("engine", ["rapidocr", "tesseract"])
def test_an_engine_that_reads_passes(engine: str) -> None:
    reader = make_reader(engine)
    assert check_reader(reader) is reader


@pytest.mark.parametrize("answer", [[], None])
def test_an_engine_that_reads_nothing_is_refused(
    answer: list[Reading] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader: TextReader = make_reader("rapidocr")
    check_reader(reader)
    monkeypatch.setattr(RapidReader, "read", lambda *_args, **_options: answer)
    with pytest.raises(Refusal) as refused:
        check_reader(reader)
    assert refused.value.reason is Reason.OCR_SELF_TEST


def test_a_passed_test_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = make_reader("rapidocr")
    check_reader(reader)
    monkeypatch.setattr("safelight.pixels.ocr.self_test._draw_text", None)
    assert check_reader(reader) is reader


def test_no_image_is_released_by_a_blind_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    data = native_object(draw_text("HARGREAVE TOMAS").tobytes(), Rows=90, Columns=420)
    monkeypatch.setattr(RapidReader, "read", lambda *_args, **_options: [])
    result = Deidentifier("research", key=bytes(range(32))).deidentify(data)
    assert (result.status, result.data) == (Status.QUARANTINED, None)
    assert result.reason_code == Reason.OCR_SELF_TEST.value
