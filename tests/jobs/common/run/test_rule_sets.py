from __future__ import annotations

from pathlib import Path

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.run.rule_sets import list_rule_parameters, load_rule_set, require_sound_rules
from safelight.rules import load_rules, parse_rules
from tests.encryption.certificates import make_certificate


def test_a_shipped_rule_set_is_loaded_by_name() -> None:
    assert load_rule_set("basic").hash == load_rules("basic").hash


def test_a_file_is_loaded_by_uri(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text("name: site\nversion: 1\nextends: basic\n")
    assert load_rule_set(f"file://{path}").hash == load_rules(str(path)).hash


def test_an_unknown_rule_set_is_refused() -> None:
    with pytest.raises(UsageError, match="--rules nothing"):
        load_rule_set("nothing")


def test_rules_with_errors_are_refused_with_all_of_them() -> None:
    entries = "[{tag: PatientID, action: keep}, {tag: Rows, action: remove}]"
    rules = parse_rules(f"name: site\nversion: 1\nprofile: basic\nelements: {entries}\n", "site")
    with pytest.raises(UsageError, match="elements.0.*elements.1.*--accept-lint identifier"):
        require_sound_rules(rules, [])
    with pytest.raises(UsageError, match="errors.*--accept-lint required-removed"):
        require_sound_rules(rules, ["identifier-kept"])
    require_sound_rules(rules, ["identifier-kept", "required-removed"])


def test_warnings_are_no_reason_to_refuse_rules() -> None:
    text = "name: site\nversion: 1\nprofile: basic\noptions: [113110]\n"
    require_sound_rules(parse_rules(text, "site"), [])


def test_a_run_records_the_dates_that_its_rules_write() -> None:
    assert list_rule_parameters(load_rules("research"), []) == {}
    text = "name: site\nversion: 1\nextends: basic\ndates: {precision: year}\n"
    parameters = list_rule_parameters(parse_rules(text, "site"), ["b", "a", "b"])
    assert parameters["accepted_lint"] == "a b"
    assert "year" in parameters["written_dates"]


def test_a_run_records_the_texts_that_its_rules_write() -> None:
    text = "name: site\nversion: 1\nextends: basic\ndummies: {LO: NONE}\n"
    parameters = list_rule_parameters(parse_rules(text, "site"), [])
    assert parameters.keys() == {"written_texts"}
    assert "NONE" not in parameters["written_texts"]


def test_certificates_beside_rules_at_a_uri_are_read(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "trustee.pem").write_bytes(make_certificate())
    path = tmp_path / "site.yaml"
    text = "name: site\nversion: 1\nextends: basic\n"
    encrypt = "encrypt: {recipients: [keys/trustee.pem], attributes: [PatientName]}\n"
    path.write_text(text + encrypt)
    assert load_rule_set(f"file://{path}").hash == load_rules(str(path)).hash
    path.write_text(text + encrypt.replace("keys/", "../../"))
    with pytest.raises(UsageError, match="in the folder of the rules file"):
        load_rule_set(f"file://{path}")
