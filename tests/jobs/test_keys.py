"""The command ``keys``: what it prints, and what remains readable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jobs.cli import main
from jobs.common.delta.lease import hold_lease
from jobs.common.delta.rows import MappingRow
from jobs.common.mapping_store.dynamodb_table import MappingTable
from jobs.common.secrets.key_provider import read_key_material
from jobs.common.secrets.value_cipher import ValueCipher, ValueContext
from jobs.common.storage.location import parse_uri
from safelight.pseudonyms import Pseudonyms
from tests.jobs.common.keys.mapping_tables import add_originals, read_originals, read_rows
from tests.jobs.runs import fake_config, run, write_sources
from tests.jobs.summaries import parse_summary


@pytest.fixture
def key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Create a key ring and return its KEYREF."""
    reference = f"file:{tmp_path / 'key.json'}"
    assert main(["keys", "create", "--key", reference]) == 0
    capsys.readouterr()
    return reference


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """Return the last line of a command, which must succeed."""
    assert main(["keys", *arguments]) == 0
    return parse_summary(capsys.readouterr().out)


def test_no_command_prints_a_key(
    key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_originals(tmp_path / "t", read_key_material(key), ["4711"])
    tables = ("--tables", str(tmp_path / "t"))
    for arguments in (
        ["create", "--key", f"file:{tmp_path / 'other.json'}"],
        ["create", "--key", key],
        ["check", "--key", key, *tables],
        ["rotate", "--key", key, *tables, "--new-pseudonyms"],
        ["reseal", "--key", key, *tables],
        ["rotate", "--key", f"{key}.gone"],
    ):
        main(["keys", *arguments])
    printed = capsys.readouterr()
    for reference in (key, f"file:{tmp_path / 'other.json'}"):
        ring = read_key_material(reference).ring
        for entry in (*ring.pseudonym_keys, *ring.sealing_keys):
            assert entry.key_id in printed.out
            assert entry.key.hex() not in printed.out + printed.err
            assert repr(entry.key) not in printed.out + printed.err


def test_a_rotation_keeps_pseudonyms_and_opens_all_originals(
    key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = read_key_material(key)
    add_originals(tmp_path / "t", before, ["4711", "4712"])
    pseudonyms = [row["pseudonym"] for row in read_rows(tmp_path / "t")]
    tables = ("--tables", str(tmp_path / "t"))
    done = call(capsys, "rotate", "--key", key, *tables)
    assert (done["originals"], done["resealed"], len(done["sealing_keys"])) == (2, 2, 2)
    assert [row["pseudonym"] for row in read_rows(tmp_path / "t")] == pseudonyms
    after = read_key_material(key)
    assert after.ring.key == before.ring.key
    assert read_originals(tmp_path / "t", after) == ["4711", "4712"]
    assert call(capsys, "reseal", "--key", key, *tables)["resealed"] == 0


def test_check_counts_originals_by_key_and_says_which_are_readable(
    key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_originals(tmp_path / "t", read_key_material(key), ["4711"])
    tables = ("--tables", str(tmp_path / "t"))
    (group,) = call(capsys, "check", "--key", key, *tables)["originals"]
    assert (group["rows"], group["readable"]) == (1, True)
    main(["keys", "create", "--key", f"file:{tmp_path / 'other.json'}"])
    (group,) = call(capsys, "check", "--key", f"file:{tmp_path / 'other.json'}", *tables)[
        "originals"
    ]
    assert not group["readable"]


def test_a_folder_without_a_mapping_is_refused(
    key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["keys", "reseal", "--key", key, "--tables", str(tmp_path)]) == 2
    assert "has no table `mapping`" in capsys.readouterr().err


def test_a_rotation_while_a_run_writes_says_how_it_is_completed(
    key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_originals(tmp_path / "t", read_key_material(key), ["4711"])
    tables = ("--key", key, "--tables", str(tmp_path / "t"))
    with hold_lease(parse_uri(str(tmp_path / "t"))):
        assert main(["keys", "rotate", *tables]) == 1
    error = capsys.readouterr().err
    assert "another run is writing these tables" in error and "`safelight keys reseal`" in error
    assert read_originals(tmp_path / "t", read_key_material(key)) == ["4711"]
    assert call(capsys, "reseal", *tables)["resealed"] == 1


def test_the_prefix_of_new_uids_is_shown(
    key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "rules.yaml"
    root = "1.2.826.0.1.3680043.10.1234.7"
    rules.write_text(f"name: own\nversion: '1'\nextends: research\nuids: {{root: {root}}}\n")
    arguments = ("--key", key, "--rules", str(rules), "--namespace", "study-a")
    names = Pseudonyms(read_key_material(key).ring.key, "study-a", uid_root=root)
    assert call(capsys, "check", *arguments)["uid_prefix"] == names.uid_prefix


def test_an_original_of_a_run_is_found_after_a_rotation_with_new_pseudonyms(
    spark: Any, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    material = read_key_material(key)
    names = Pseudonyms(material.ring.key)
    config = replace(
        fake_config(), key=material.ring.key, sealing_key=material.make_sealing_key(names)
    )
    write_sources(tmp_path, {"a/1.dcm": "1.1 1.2 1.3.4 plain words"})
    assert run(tmp_path, deidentifier=config) == 0
    uid = names.uid("1.3.4")
    tables = ("--key", key, "--tables", f"{tmp_path}/tables")
    assert main(["keys", "rotate", *tables, "--new-pseudonyms"]) == 0
    capsys.readouterr()
    assert main(["reidentify", *tables, "--uid", uid, "--reason", "a test"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [f"{uid},sop_uid,{uid},1.3.4,default"]


def test_a_rotation_seals_the_originals_of_dynamodb_again(
    key: str, mapping_table: MappingTable, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = Pseudonyms(read_key_material(key).ring.key)
    context = ValueContext("uid", "ff" * 32, "2.25.7", "P1")
    sealing_key = read_key_material(key).make_sealing_key(names)
    sealed = ValueCipher(names, sealing_key).encrypt(context, "1.2.3")
    row = MappingRow("r1", 0, "default", "uid", sealed, "ff" * 32, "2.25.7", "P1", names.key_id)
    mapping_table.add([row])
    store = ("--mapping-store", f"dynamodb:{mapping_table.name}")
    done = call(capsys, "rotate", "--key", key, "--tables", str(tmp_path / "t"), *store)
    assert (done["originals"], done["resealed"]) == (1, 1)
    ((found,),) = mapping_table.scan()
    assert found.original_encrypted != sealed
    cipher = read_key_material(key).open_cipher(names)
    assert cipher.decrypt(ValueContext.of(found), found.original_encrypted) == "1.2.3"
    (group,) = call(capsys, "check", "--key", key, *store)["originals"]
    assert (group["rows"], group["readable"]) == (1, True)
