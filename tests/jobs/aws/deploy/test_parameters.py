"""Check parameters before anything is deployed."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.aws.deploy.parameters import (
    INHERITED_PARAMETERS,
    NAME_PARAMETERS,
    read_parameters,
)
from jobs.aws.deploy.templates import SECTION_TEMPLATES, read_template
from jobs.common.cli.errors import UsageError

_PARTNER = "partners: {hospital-a: {SshPublicKey: ssh-ed25519 AAAA}}"


def _read(folder: Path, text: str) -> dict[str, str]:
    path = folder / "parameters.yaml"
    path.write_text(text)
    return dict(read_parameters(str(path), "safelight").root)


def test_values_are_text_and_yes_stays_yes(tmp_path: Path) -> None:
    found = _read(tmp_path, "{Sftp: yes, Nodes: 10, RawDatastore: no, ImageUri: }")
    assert found == {
        "Name": "safelight", "Sftp": "yes", "Nodes": "10", "RawDatastore": "no", "ImageUri": "",
    }  # fmt: skip


def test_an_empty_file_and_no_file_take_the_defaults(tmp_path: Path) -> None:
    assert _read(tmp_path, "") == {"Name": "safelight"} == read_parameters(None, "safelight").root


def test_partners_have_their_own_parameters(tmp_path: Path) -> None:
    path = tmp_path / "parameters.yaml"
    path.write_text(_PARTNER)
    sections = read_parameters(str(path), "safelight").sections
    assert sections == {
        "partners": {"hospital-a": {"SshPublicKey": "ssh-ed25519 AAAA"}}, "recipients": {},
    }  # fmt: skip


@pytest.mark.parametrize(
    "text, message",
    [
        ("{Node: 1}", "no parameter Node; did you mean Nodes"),
        ("{Nodes: many}", "Nodes must be a number"),
        ("{Nodes: 0}", "Nodes must be at least 1"),
        ("{Nodes: 101}", "Nodes must be at most 100"),
        ("{Sftp: perhaps}", "Sftp must be one of yes, no"),
        ("{KeyReference: 'file:key'}", "KeyReference must match"),
        ("{CodeKey: a}", "fills in CodeKey itself"),
        ("{Nodes: [1]}", "must be a text or a number"),
        ("[1]", "must map names of parameters"),
        ("{", "is not YAML"),
        ("{Name: other}", "give --name only"),
        ("{partners: 1}", "must map names to parameters"),
        ("{partners: {a: 1}}", "Partner a must map"),
        ("{partners: {A: {}}}", "Partner must match"),
        ("{partners: {a: {SshPublicKey: secret}}}", "SshPublicKey must match"),
        ("{recipients: {a: {Release: first}}}", "recipient.yaml needs a value of PrincipalArn"),
        ("{partners: {a: {SftpServerId: s-1}}}", "fills in SftpServerId itself"),
    ],
)
def test_a_wrong_file_is_refused_with_a_sentence(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        _read(tmp_path, text)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_parameters(str(tmp_path / "none.yaml"), "safelight")


@pytest.mark.parametrize("section, template", SECTION_TEMPLATES.items())
def test_the_root_stack_gives_what_sections_inherit(section: str, template: str) -> None:
    declared = read_template(template)["Parameters"].keys()
    outputs = read_template("main.yaml")["Outputs"].keys()
    derived = {"Name", "RawBucketName", "RawPrefix"}
    assert NAME_PARAMETERS[section] in declared
    assert INHERITED_PARAMETERS & declared <= outputs | derived
