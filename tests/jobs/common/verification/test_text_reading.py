"""The functions of a partition that list texts and judge spans, without Spark."""

from __future__ import annotations

from pathlib import Path

from jobs.common.delta.arrow_rows import decode_rows, encode_rows
from jobs.common.delta.rows import StoredSpan
from jobs.common.spark.object_limits import ObjectLimits
from jobs.common.verification.check_results import CheckResult
from jobs.common.verification.comparison_keys import ComparisonKeys
from jobs.common.verification.object_checks import ObjectCheck
from jobs.common.verification.text_reading import AnnotatedText, ElementText, TextTask
from safelight.verify import Expectation
from tests.jobs.listed_sources import list_sources
from tests.verify.objects import output, to_bytes

TASK = TextTask(Expectation(), ComparisonKeys.derive(None), ObjectLimits())
TEXT = "knee of Quimbleton"


def test_the_texts_of_readable_objects_are_listed(tmp_path: Path) -> None:
    ds = output()
    ds.SeriesDescription = TEXT
    (tmp_path / "1.dcm").write_bytes(to_bytes(ds))
    (source,) = list_sources(str(tmp_path / "1.dcm"))
    tasks = [
        ObjectCheck(source.uri, source.size, source.version),
        ObjectCheck(f"{tmp_path}/missing.dcm", 1, ""),
    ]
    listed = list(decode_rows(ElementText, TASK.list_texts([encode_rows(ObjectCheck, tasks)])))
    assert [row.text for row in listed if row.location == "(0008,103E)"] == [TEXT]
    assert {row.output_uri for row in listed} == {source.uri}
    assert "Quimbleton" not in repr(listed)


def test_a_name_is_a_finding_of_its_output() -> None:
    begin = TEXT.index("Quimbleton")
    spans = [
        StoredSpan(begin, len(TEXT), "NAME", "ner", 0.9, ""),
        StoredSpan(0, 4, "LOCATION", "ner", 0.9, ""),
    ]
    rows = [AnnotatedText("u", "(0008,103E)", TEXT, spans)]
    found = decode_rows(CheckResult, TASK.judge([encode_rows(AnnotatedText, rows)]))
    assert [(row.output_uri, row.location, row.length) for row in found] == [
        ("u", "(0008,103E)", len("Quimbleton"))
    ]
