"""Lookup tables of the rules of a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from jobs.common.cli.errors import UsageError
from jobs.common.run.lookup_tables import cover_lookups, read_lookup_rows
from safelight.rules import RulesError, RuleSet, load_rules


def write_rules(folder: Path, rows: str) -> RuleSet:
    """Write a table and a rules file that uses it, and load the rules."""
    (folder / "subjects.csv").write_text(f"patient_id,study_id\n{rows}", encoding="utf-8")
    (folder / "rules.yaml").write_text(
        "name: a\nversion: '1'\nprofile: basic\n"
        "lookups: {subjects: {uri: subjects.csv, key: patient_id}}\n"
        "elements: [{tag: PatientID, action: lookup, table: subjects, column: study_id}]\n",
        encoding="utf-8",
    )
    return load_rules(folder / "rules.yaml")


def test_the_hash_covers_the_rows_whatever_their_order(tmp_path: Path) -> None:
    first = cover_lookups(write_rules(tmp_path, "a,1\nb,2\n")).hash
    assert first == cover_lookups(write_rules(tmp_path, "b,2\na,1\n")).hash
    assert first != cover_lookups(write_rules(tmp_path, "a,1\nb,3\n")).hash


def test_rows_that_changed_during_a_run_are_refused(tmp_path: Path) -> None:
    rules = cover_lookups(write_rules(tmp_path, "a,1\n"))
    assert read_lookup_rows(rules) == {"subjects": {"a": {"study_id": "1"}}}
    write_rules(tmp_path, "a,2\n")
    with pytest.raises(RulesError, match="start the run again"):
        read_lookup_rows(rules)


def test_a_missing_table_is_an_error_of_the_arguments(tmp_path: Path) -> None:
    rules = write_rules(tmp_path, "a,1\n")
    (tmp_path / "subjects.csv").unlink()
    with pytest.raises(UsageError, match="lookup table subjects"):
        cover_lookups(rules)


def test_delta_tables_are_read(tmp_path: Path) -> None:
    rules = write_rules(tmp_path, "a,1\n")
    write_deltalake(str(tmp_path / "subjects"), pa.table({"patient_id": ["a"], "study_id": [7]}))
    tables = (replace(rules.lookups[0], uri=str(tmp_path / "subjects")),)
    assert read_lookup_rows(replace(rules, lookups=tables)) == {
        "subjects": {"a": {"study_id": "7"}}
    }
