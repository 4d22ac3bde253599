"""List of safe private elements from small sources."""

import csv

from tools.standard_tables.private_elements import build_table


def test_the_action_with_the_most_protection_is_used(tmp_path):
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
        '"(0009,""acme"",01)",Series reference,LO,k\n'  # in the template, in another case
        '"(0009,ACME,06)",Gain,DS,k\n"(0009,ACME,06)",Gain,UN,k\n'
        '"(0009,ACME,07)",Gain,DS,k\n"(0008,1140)[<0>](0009,ACME,07)",Gain,DS,d\n'
        '"(0009,ACME,08)",Gain,UN,k\n"(0009,ACME,09)",Operator,LO,k\n'
    )
    rows = {row["element"]: row["action"] for row in build_table(path, base)}
    assert rows == {"01": "uid", "04": "shift", "06": "keep"}
