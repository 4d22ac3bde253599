"""Make ``iod.json.gz``: which attributes an IOD defines, where, and of which Type.

Source: the module tables of PS3.3 as JSON in the highdicom package (MIT), which names the
edition in the README of its ``_standard`` folder. Macros repeat the same attributes in
thousands of places, so each distinct set of attributes ("node") is stored once.

Usage: ``python -m tools.standard_tables.iod EDITION`` with highdicom installed.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

from pydicom.datadict import tag_for_keyword

#: Index of a Type in the packed integers; 0 is a node that only occurs inside a path.
TYPES = ("", "1", "1C", "2", "2C", "3")

Tree = dict[str, tuple[str, "Tree"]]


def _tree(rows: list[dict[str, Any]]) -> Tree:
    """Nest the rows of a module by their path. A repeated attribute keeps the stricter Type."""
    root: Tree = {}
    for row in rows:
        node = root
        for keyword in row["path"]:
            node = node.setdefault(keyword, ("", {}))[1]
        kind, children = node.get(row["keyword"], ("", {}))
        kinds = [k for k in (kind, row["type"]) if k in TYPES[1:]]
        node[row["keyword"]] = (min(kinds, key=TYPES.index, default="3"), children)
    return root


class _Nodes:
    """Distinct nodes, numbered from 1; 0 means "no children"."""

    def __init__(self) -> None:
        self.packed: list[dict[str, int]] = []
        self._numbers: dict[str, int] = {}

    def number(self, tree: Tree) -> int:
        if not tree:
            return 0
        packed = {}
        for keyword, (kind, children) in sorted(tree.items()):
            tag = tag_for_keyword(keyword)
            if tag is not None:  # overlay attributes (60xx) have no single tag; rules know them
                packed[f"{tag:08x}"] = self.number(children) * 8 + TYPES.index(kind)
        key = json.dumps(packed, sort_keys=True)
        if key not in self._numbers:
            self.packed.append(packed)
            self._numbers[key] = len(self.packed)
        return self._numbers[key]


def build(folder: Path, edition: str) -> dict[str, Any]:
    """Pack highdicom's three maps into one."""
    modules = json.loads((folder / "module_attribute_map.json").read_text())
    iods = json.loads((folder / "iod_module_map.json").read_text())
    sop_classes = json.loads((folder / "sop_class_iod_map.json").read_text())
    nodes = _Nodes()
    roots, incomplete = {}, []
    for iod, used in sorted(iods.items()):
        keys = [module["key"] for module in used]
        roots[iod] = [nodes.number(_tree(modules[key])) for key in keys if key in modules]
        if not all(key in modules for key in keys):
            incomplete.append(iod)
    return {
        "edition": edition,
        "nodes": nodes.packed,
        "iods": roots,
        "incomplete": incomplete,
        "sop_classes": sop_classes,
    }


def main(edition: str) -> None:
    """Write the table beside its loader."""
    spec = importlib.util.find_spec("highdicom")
    if spec is None or spec.origin is None:
        raise SystemExit("install highdicom (0.28.2 or later) first")
    table = build(Path(spec.origin).parent / "_standard", edition)
    target = Path(__file__).resolve().parents[2] / "safelight" / "standard" / "data" / "iod.json.gz"
    text = json.dumps(table, separators=(",", ":"), sort_keys=True)
    target.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main(sys.argv[1])
