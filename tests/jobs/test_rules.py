"""``safelight rules``: exit codes and what is printed."""

import json

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from jobs.cli import main
from jobs.rules import IMPORT_FORMATS
from safelight.rules import importers

HEAD = "name: mine\nversion: 1\nprofile: basic\n"


@pytest.fixture
def scan(tmp_path):
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = generate_uid()
    ds.PatientName = "SECRET^NAME"
    path = tmp_path / "scan.dcm"
    ds.save_as(path, enforce_file_format=True)
    assert dcmread(path).PatientName == "SECRET^NAME"
    return path


def test_describe(capsys):
    assert main(["rules", "describe"]) == 0
    assert capsys.readouterr().out.startswith("Rule set research, version ")


def test_lint(tmp_path, capsys):
    assert main(["rules", "lint", "research"]) == 0
    path = tmp_path / "mine.yaml"
    path.write_text(HEAD + "options: [113106, 113107]\n")
    assert main(["rules", "lint", str(path)]) == 1
    assert "exclude each other" in capsys.readouterr().out
    path.write_text(HEAD + "optons: []\n")
    assert main(["rules", "lint", str(path)]) == 2
    assert "line 4, column 1: expected" in capsys.readouterr().err
    assert main(["rules", "lint", str(tmp_path / "gone.yaml")]) == 2


def test_plan_shows_rules_and_no_value(scan, capsys):
    assert main(["rules", "plan", str(scan), "--rules", "basic"]) == 0
    out = capsys.readouterr().out
    assert "(0010,0010) PN NAME" in out and "Result: deidentified" in out
    assert "Filters: no filter matches" in out and "E.1-1 Z type 2" in out
    assert "SECRET" not in out
    assert main(["rules", "plan", str(scan.with_name("gone.dcm"))]) == 2
    scan.write_bytes(b"SECRET no DICOM")
    assert main(["rules", "plan", str(scan)]) == 2
    assert "SECRET" not in capsys.readouterr().err


def test_import_says_what_to_do_about_lines_that_keep_less(tmp_path, capsys):
    script = tmp_path / "their.deid"
    script.write_text("FORMAT dicom\n%header\nREMOVE StationName func:a\nADD StudyID var:b\n")
    assert main(["rules", "import", str(script)]) == 0
    assert f"2 lines of {script} keep less here: read the comments" in capsys.readouterr().err
    script.write_text("FORMAT dicom\n%header\nREMOVE StationName\n")
    assert main(["rules", "import", str(script)]) == 0
    assert "keep less" not in capsys.readouterr().err


def test_strict_import_reports_a_loss_by_its_exit_code(tmp_path):
    script = tmp_path / "lossy.script"
    script.write_text('<script><e en="T" t="00081030" n="x">@call(a,b)</e></script>')
    assert main(["rules", "import", str(script)]) == 0
    assert main(["rules", "import", str(script), "--strict"]) == 3
    script.write_text('<script><e en="T" t="00081030" n="x">@remove()</e></script>')
    assert main(["rules", "import", str(script), "--strict"]) == 0


def test_import_writes_the_lookup_table_of_a_script(tmp_path):
    script, table = tmp_path / "site.script", tmp_path / "lookup.properties"
    script.write_text('<script><e en="T" t="00100020" n="x">@lookup(this,ptid)</e></script>')
    table.write_text("ptid/A 1=S-001\nother/A=1\n")
    arguments = ["rules", "import", str(script), "--lookup-table", str(table), "--strict"]
    target = tmp_path / "site.yaml"
    assert main(arguments) == 2
    assert main([*arguments, "--output", str(target)]) == 0
    written = tmp_path / "site-ptid.csv"
    assert written.read_text() == "key,value\nA 1,S-001\n"
    assert written.stat().st_mode & 0o077 == 0
    assert main(["rules", "lint", str(target)]) == 0
    assert main([*arguments[:3], "--lookup-table", str(tmp_path / "gone"), "--output", "x"]) == 2


def test_diff_has_an_exit_code_as_diff_has(capsys):
    assert main(["rules", "diff", "basic", "basic"]) == 0
    assert not capsys.readouterr().out
    assert main(["rules", "diff", "basic", "research"]) == 1
    assert '+ options: "clean_descriptors"' in capsys.readouterr().out


def test_matrix_and_conformance_are_printed(capsys):
    assert main(["rules", "matrix", "basic"]) == 0
    assert capsys.readouterr().out.startswith("tag,attribute,vr,basic_profile_code,113100,")
    assert main(["rules", "conformance"]) == 0
    assert "Rule set research, version " in capsys.readouterr().out


def test_schema_is_json(capsys):
    assert main(["rules", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Safelight rules"


def test_import_writes_rules_that_lint_can_read(tmp_path, capsys):
    script = tmp_path / "site.script"
    script.write_text('<script>\n<e en="T" t="00080050">@hash(this)</e>\n'
                      '<e en="T" t="00081030">@spin()</e>\n</script>')  # fmt: skip
    target = tmp_path / "site.yaml"
    assert main(["rules", "import", str(script), "--output", str(target)]) == 0
    assert "line 3: @spin has no counterpart" in capsys.readouterr().err
    assert main(["rules", "lint", str(target)]) == 0
    assert main(["rules", "import", str(script)]) == 0
    assert "name: site" in capsys.readouterr().out
    assert main(["rules", "import", str(script), "--from", "deid"]) == 2
    assert main(["rules", "import", str(tmp_path / "gone")]) == 2


def test_all_importers_can_be_chosen():
    assert importers.IMPORT_FORMATS == IMPORT_FORMATS
