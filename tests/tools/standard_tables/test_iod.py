"""Attributes of IODs from small sources."""

import json

from tools.standard_tables.iod import TYPES, build_table


def test_equal_nodes_are_stored_once_with_the_stricter_type(tmp_path):
    def row(keyword, kind, *path):
        return {"keyword": keyword, "type": kind, "path": list(path)}

    folder = tmp_path
    (folder / "module_attribute_map.json").write_text(json.dumps({
        "a": [row("PatientID", "3"), row("PatientID", "2"),
              row("CodeValue", "1C", "ProcedureCodeSequence")],
        "b": [row("CodeValue", "1C", "AnatomicRegionSequence")],
    }))  # fmt: skip
    (folder / "iod_module_map.json").write_text(
        json.dumps({"x": [{"key": "a"}, {"key": "b"}], "y": [{"key": "b"}, {"key": "missing"}]})
    )
    (folder / "sop_class_iod_map.json").write_text(json.dumps({"1.2": "x"}))
    built = build_table(folder, "2099z")
    assert built["incomplete"] == ["y"]
    assert len(built["nodes"]) == 3  # the code item of both modules is stored once
    first = built["nodes"][built["iods"]["x"][0] - 1]
    assert first["00100020"] % 8 == TYPES.index("2")
