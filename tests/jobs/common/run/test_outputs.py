from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from jobs.common.run.outputs import OutputError, StoredOutput, store_output
from jobs.common.storage.backend import WriteOutcome
from jobs.common.storage.location import Location


def test_an_output_is_described_as_it_was_stored(tmp_path: Path) -> None:
    path = tmp_path / "a" / "1.dcm"
    stored = store_output(Location("", str(path)), b"data", replace=False)
    sha256 = hashlib.sha256(b"data").hexdigest()
    assert stored == StoredOutput(str(path), 4, sha256, WriteOutcome.NEW)
    assert path.read_bytes() == b"data"


def test_other_content_is_a_conflict_unless_it_is_replaced(tmp_path: Path) -> None:
    location = Location("", str(tmp_path / "1.dcm"))
    store_output(location, b"one", replace=False)
    assert store_output(location, b"two", replace=False).written is WriteOutcome.CONFLICT
    store_output(location, b"two", replace=True)
    assert Path(location.path).read_bytes() == b"two"


def test_an_error_holds_its_code_and_no_path(tmp_path: Path) -> None:
    (tmp_path / "doe").write_text("a file where a folder should be")
    with pytest.raises(OutputError) as raised:
        store_output(Location("", str(tmp_path / "doe" / "1.dcm")), b"data", replace=False)
    assert str(raised.value) == "ENOTDIR"
