"""Originals in the Encrypted Attributes Sequence of an object, on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.cli import main
from safelight.rules import load_rules
from tests.encryption.certificates import make_certificate, make_key, to_pem
from tests.headers.objects import make_deidentifier, make_object, to_bytes


@pytest.fixture
def encrypted(tmp_path: Path) -> Path:
    (tmp_path / "key.pem").write_bytes(to_pem(make_key()))
    (tmp_path / "other.pem").write_bytes(to_pem(make_key("second")))
    (tmp_path / "trustee.pem").write_bytes(make_certificate())
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "name: a\nversion: '1'\nprofile: basic\n"
        "encrypt: {recipients: trustee.pem, attributes: PatientName}\n"
    )
    source = to_bytes(make_object(PatientName="Doe^Jane"))
    data = make_deidentifier(load_rules(str(rules))).deidentify(source).data
    assert data is not None
    path = tmp_path / "object.dcm"
    path.write_bytes(data)
    return path


def open_object(path: Path, key: str, *more: str) -> int:
    arguments = ["--object", str(path), "--certificate-key", key, "--reason", "finding", *more]
    return main(["reidentify", *arguments])


@pytest.mark.parametrize("scheme", ["", "file:", "env:"])
def test_the_originals_are_printed(
    encrypted: Path, scheme: str, capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    path = encrypted.with_name("key.pem")
    monkeypatch.setenv("TRUSTEE", path.read_text())
    assert open_object(encrypted, "env:TRUSTEE" if scheme == "env:" else f"{scheme}{path}") == 0
    captured = capsys.readouterr()
    assert captured.out == 'location,keyword,vr,original\n"(0010,0010)",PatientName,PN,Doe^Jane\n'
    assert "not recorded" in captured.err


@pytest.mark.parametrize("key", ["other.pem", "missing.pem", "object.dcm", "trustee.pem"])
def test_another_key_opens_nothing(
    encrypted: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert open_object(encrypted, str(encrypted.with_name(key))) == 2
    assert "Doe" not in "".join(capsys.readouterr())


def test_an_object_without_encrypted_values_is_a_finding(encrypted: Path) -> None:
    encrypted.write_bytes(to_bytes(make_object()))
    assert open_object(encrypted, str(encrypted.with_name("key.pem"))) == 3


def test_the_place_of_the_access_log_is_complete_or_missing(encrypted: Path) -> None:
    key = str(encrypted.with_name("key.pem"))
    assert open_object(encrypted, key, "--tables", str(encrypted.parent)) == 2
    arguments = ["--object", str(encrypted), "--reason", "finding"]
    assert main(["reidentify", *arguments]) == 2
    assert main(["reidentify", "--uid", "1.2", "--reason", "finding"]) == 2
