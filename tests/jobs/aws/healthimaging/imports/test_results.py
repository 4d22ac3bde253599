from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jobs.aws.healthimaging.imports.results import FileResult, parse_list, read_results
from jobs.common.cli.errors import JobError

#: Lines of the page "Understanding import jobs".
WARNING = (
    '{"inputFile":"dicom_input/warningDicomFile1.dcm","importResponse":{"imageSetId":'
    '"12345612345612345678907890789012","imageSetVersion":1,"isPrimary":true,"warnings":'
    '[{"warning_reason_code":45330,"type":"InvalidOffsetTable","message":"The file was imported '
    'but contains an invalid offset table, may see issues when retrieving certain frames."}]}}'
)
FAILURE = (
    '{"inputFile":"dicom_input/invalidDicomFile1.dcm","exception":{"exceptionType":'
    '"ValidationException","message":"DICOM attribute TransferSyntaxUID does not exist"}}'
)


def write_results(
    folder: Path, success: list[str], failure: list[str], warning: list[str], **more: Any
) -> str:
    summary = {
        "numberOfScannedFiles": len(success) + len(failure),
        "numberOfImportedFiles": len(success),
        "numberOfFilesWithCustomerError": len(failure),
        "numberOfFilesWithServerError": 0,
        "imageSetsSummary": [{"imageSetId": "s1", "imageSetVersion": 4}],
    }
    folder.joinpath("job-output-manifest.json").write_text(
        json.dumps({"jobSummary": summary | more})
    )
    lists = {
        "SUCCESS": [
            {"inputFile": name, "importResponse": {"imageSetId": "s1", "isPrimary": True}}
            for name in success
        ],
        "FAILURE": [
            {"inputFile": name, "exception": {"exceptionType": "ValidationException"}}
            for name in failure
        ],
        "WARNING": [
            {
                "inputFile": name,
                "importResponse": {"imageSetId": "s1", "warnings": [{"type": "Other"}]},
            }
            for name in warning
        ],
    }
    for name, lines in lists.items():
        if lines:
            place = folder / name
            place.mkdir()
            text = "".join(json.dumps(line) + "\n" for line in lines)
            place.joinpath(f"{name.lower()}.ndjson").write_text(text)
    return str(folder)


def test_the_documented_lines_are_read() -> None:
    ((name, found),) = parse_list(WARNING, {})
    assert name == "dicom_input/warningDicomFile1.dcm"
    assert found.warnings == ("INVALID_OFFSET_TABLE",) and found.image_set_version == 1
    ((_, failed),) = parse_list(FAILURE, {})
    assert failed == FileResult(exception_type="ValidationException")


def test_three_failures_and_two_warnings_of_5000_are_found(tmp_path: Path) -> None:
    success = [f"in/{n}.dcm" for n in range(4997)]
    failure = [f"in/{n}.dcm" for n in range(4997, 5000)]
    uri = write_results(tmp_path, success, failure, ["in/7.dcm", "in/4996.dcm"])
    results = read_results(uri)
    assert (results.scanned, results.imported, results.failed) == (5000, 4997, 3)
    failed = [name for name, one in results.files.items() if one.exception_type]
    warned = [name for name, one in results.files.items() if one.warnings]
    assert failed == failure and warned == ["in/7.dcm", "in/4996.dcm"]
    assert results.files["in/7.dcm"].is_primary and results.files["in/7.dcm"].image_set_version == 4


def test_a_message_is_not_kept(tmp_path: Path) -> None:
    ((_, failed),) = parse_list(FAILURE, {})
    assert "TransferSyntaxUID" not in repr(failed)


def test_lists_that_contradict_the_manifest_are_refused(tmp_path: Path) -> None:
    uri = write_results(tmp_path, ["a", "b"], [], [], numberOfImportedFiles=3)
    with pytest.raises(JobError, match="do not agree with the counts"):
        read_results(uri)


def test_a_missing_list_is_refused(tmp_path: Path) -> None:
    uri = write_results(tmp_path, [], [], [], numberOfFilesWithCustomerError=1)
    with pytest.raises(JobError, match="cannot be read"):
        read_results(uri)


@pytest.mark.parametrize("text", ["[]", "{", '{"jobSummary": 1}', '{"jobSummary": {}}'])
def test_an_unknown_format_is_refused(tmp_path: Path, text: str) -> None:
    tmp_path.joinpath("job-output-manifest.json").write_text(text)
    with pytest.raises(JobError, match="unknown format"):
        read_results(str(tmp_path))


def test_a_manifest_that_appears_late_is_waited_for(tmp_path: Path) -> None:
    waits: list[float] = []

    def write(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            write_results(tmp_path, ["a"], [], [])

    assert read_results(str(tmp_path), write).imported == 1
    assert waits == [1.0, 3.0]


def test_a_manifest_that_never_appears_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="cannot be read"):
        read_results(str(tmp_path), lambda _: None)
