from __future__ import annotations

from pathlib import Path

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.run.rule_sets import load_rule_set
from safelight.rules import load_rules


def test_a_shipped_rule_set_is_loaded_by_name() -> None:
    assert load_rule_set("basic").hash == load_rules("basic").hash


def test_a_file_is_loaded_by_uri(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text("name: site\nversion: 1\nextends: basic\n")
    assert load_rule_set(f"file://{path}").hash == load_rules(str(path)).hash


def test_an_unknown_rule_set_is_refused() -> None:
    with pytest.raises(UsageError, match="--rules nothing"):
        load_rule_set("nothing")
