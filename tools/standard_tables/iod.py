"""Make ``iod.json.gz``: attributes that an IOD defines, with nesting level and Type.

The source is the module tables of PS3.3 as JSON in the package highdicom (MIT), which names the
edition in the README of its folder ``_standard``. Macros repeat the same attributes in thousands
of places. Therefore each distinct set of attributes (node) is stored once.

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

from tools.standard_tables import DATA_FOLDER

#: Types by their index in the packed integers. Index 0 is a node that occurs only in a path.
TYPES = ("", "1", "1C", "2", "2C", "3")

#: Type and nested attributes by keyword.
Tree = dict[str, tuple[str, "Tree"]]


def _build_tree(rows: list[dict[str, Any]]) -> Tree:
    """Return the rows of a module nested by path; a repeated attribute has the stricter Type."""
    root: Tree = {}
    for row in rows:
        node = root
        for keyword in row["path"]:
            node = node.setdefault(keyword, ("", {}))[1]
        known_type, children = node.get(row["keyword"], ("", {}))
        types = [t for t in (known_type, row["type"]) if t in TYPES[1:]]
        node[row["keyword"]] = (min(types, key=TYPES.index, default="3"), children)
    return root


class _NodeTable:
    """Distinct nodes, numbered from 1. The number 0 means that there are no children.

    Attributes
    ----------
    packed : list of dict of str to int
        Nodes. Each maps a tag to the number of its child node times 8, plus the index of its
        Type.
    """

    def __init__(self) -> None:
        self.packed: list[dict[str, int]] = []
        self._numbers: dict[str, int] = {}

    def add(self, tree: Tree) -> int:
        """Add a tree with its children unless they are known, and return its number."""
        if not tree:
            return 0
        packed = {}
        for keyword, (attribute_type, children) in sorted(tree.items()):
            tag = tag_for_keyword(keyword)
            if tag is not None:  # overlay attributes (60xx) have no single tag; rules know them
                packed[f"{tag:08x}"] = self.add(children) * 8 + TYPES.index(attribute_type)
        key = json.dumps(packed, sort_keys=True)
        if key not in self._numbers:
            self.packed.append(packed)
            self._numbers[key] = len(self.packed)
        return self._numbers[key]


def build_table(folder: Path, edition: str) -> dict[str, Any]:
    """Return the content of the table.

    Parameters
    ----------
    folder : Path
        Folder with the three JSON files of highdicom.
    edition : str
        Edition of PS3.3.
    """
    modules = json.loads((folder / "module_attribute_map.json").read_text())
    iods = json.loads((folder / "iod_module_map.json").read_text())
    sop_classes = json.loads((folder / "sop_class_iod_map.json").read_text())
    nodes = _NodeTable()
    roots, incomplete = {}, []
    for iod, used in sorted(iods.items()):
        keys = [module["key"] for module in used]
        roots[iod] = [nodes.add(_build_tree(modules[key])) for key in keys if key in modules]
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
    """Write the table."""
    spec = importlib.util.find_spec("highdicom")
    if spec is None or spec.origin is None:
        raise SystemExit("highdicom is missing: install version 0.28.2 or later")
    table = build_table(Path(spec.origin).parent / "_standard", edition)
    text = json.dumps(table, separators=(",", ":"), sort_keys=True)
    (DATA_FOLDER / "iod.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main(sys.argv[1])
