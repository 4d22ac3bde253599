"""Encrypted originals in lint, description, conformance statement and schema."""

from __future__ import annotations

from pathlib import Path

from safelight.rules import RuleSet, load_rules
from safelight.rules.conformance import make_conformance_statement
from safelight.rules.describe import describe
from safelight.rules.lint import lint
from safelight.rules.rule_set_diff import describe_differences
from tests.encryption.certificates import make_certificate


def make_rules(folder: Path, attributes: str = "PatientName", days: int = 36500) -> RuleSet:
    (folder / "trustee.pem").write_bytes(make_certificate(days=days))
    path = folder / "rules.yaml"
    path.write_text(
        "name: mine\nversion: '1'\nextends: basic\n"
        f"encrypt: {{recipients: trustee.pem, attributes: [{attributes}]}}\n"
    )
    return load_rules(str(path))


def find_codes(rules: RuleSet) -> set[str]:
    return {one.code for one in lint(rules)}


def test_a_sound_policy_has_no_finding(tmp_path: Path) -> None:
    assert not {"encrypted-kept", "certificate-expired"} & find_codes(make_rules(tmp_path))


def test_an_attribute_in_the_clear_is_found(tmp_path: Path) -> None:
    assert "encrypted-kept" in find_codes(make_rules(tmp_path, "PatientName, Modality"))


def test_an_expired_certificate_is_found(tmp_path: Path) -> None:
    assert "certificate-expired" in find_codes(make_rules(tmp_path, days=1))


def test_the_rules_are_described_with_their_recipients(tmp_path: Path) -> None:
    rules = make_rules(tmp_path)
    assert rules.encryption is not None
    text = " ".join(describe(rules).split())
    assert "Original values of PatientName are in Encrypted Attributes Sequence" in text
    assert rules.encryption.recipients[0].fingerprint in text


def test_the_conformance_statement_has_what_the_standard_asks_for(tmp_path: Path) -> None:
    text = " ".join(make_conformance_statement(make_rules(tmp_path, "PatientName, '{LO}'")).split())
    assert "Encrypted Attributes Sequence (0400,0500): PatientName, {LO}. Recipients: 1." in text
    assert "Explicit VR Big Endian; all three are decoded" in text
    assert "RSA of at least 2048 bits; those of the recipients have 2048" in text


def test_a_difference_is_shown(tmp_path: Path) -> None:
    assert "encrypt" in str(describe_differences(load_rules("basic"), make_rules(tmp_path)))
