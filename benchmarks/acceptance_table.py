"""Rows of an acceptance run, one per object, and the report about them."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

#: Separator of several defects or kinds of errors of one object.
SEPARATOR = " ; "


@dataclass
class AcceptanceRow:
    """Result of one file. Paths are those of public test data.

    Attributes
    ----------
    folder, file : str
    readable : bool
        pydicom reads the file as an object that is not a media directory.
    status, reason : str
        Status and reason code of the result; ``crashed`` and the class of the exception if the
        de-identifier raised one.
    sop_class : str
    masked : int
        Masked regions in the pixels.
    defects : str
        Defects found by the independent verifier.
    compared : bool
        dciodvfy read both the original and the output.
    new_errors : str
        Kinds of errors that dciodvfy reports for the output only.
    repeated : str
        ``same`` or ``differs``: output bytes of a second de-identifier; empty if not tested.
    pseudonyms, shared : int
        Pseudonyms of the object, and those that also occur with another namespace.
    seconds : float
        CPU seconds of the first pass.
    bytes : int
        Size of the file.
    """

    folder: str
    file: str
    readable: bool = False
    status: str = ""
    reason: str = ""
    sop_class: str = ""
    masked: int = 0
    defects: str = ""
    compared: bool = False
    new_errors: str = ""
    repeated: str = ""
    pseudonyms: int = 0
    shared: int = 0
    seconds: float = 0.0
    bytes: int = 0


def load_rows(path: Path) -> list[AcceptanceRow]:
    """Return the rows of a file; none if the file does not exist."""
    if not path.exists():
        return []
    kinds = {field.name: field.type for field in fields(AcceptanceRow)}
    read: dict[str, Callable[[str], Any]] = {
        "bool": lambda text: text == "True", "int": int, "float": float, "str": str,
    }  # fmt: skip
    with path.open(newline="", encoding="utf-8") as stream:
        return [
            AcceptanceRow(**{name: read[str(kinds[name])](text) for name, text in line.items()})
            for line in csv.DictReader(stream)
        ]


def save_rows(rows: Sequence[AcceptanceRow], path: Path) -> None:
    """Write the rows as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        names = [field.name for field in fields(AcceptanceRow)]
        writer = csv.DictWriter(stream, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


def table(head: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *([str(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def format_report(rows: Sequence[AcceptanceRow], rules: str, stages: str) -> str:
    """Return the report as Markdown."""
    objects = [row for row in rows if row.status]
    folders: dict[str, list[AcceptanceRow]] = defaultdict(list)
    for row in objects:
        folders[row.folder].append(row)
    readable = [row for row in objects if row.readable]
    done = [row for row in readable if row.status == "deidentified"]
    repeated = [row for row in objects if row.repeated]
    compared = [row for row in objects if row.compared]
    defects, errors = _named(rows, "defects"), _named(rows, "new_errors")
    crashed = [f"{row.folder}/{row.file}" for row in objects if row.status == "crashed"]
    differing = [f"{row.folder}/{row.file}" for row in repeated if row.repeated == "differs"]
    share = len(done) / len(readable) if readable else 0.0
    size = sum(row.bytes for row in objects) / 1e6
    parts = [
        "# Acceptance: every object of the public test sets\n",
        f"Rules `{rules}`, {stages}. Written by `python -m benchmarks.acceptance --data FOLDER "
        f"--rules {rules}`. `acceptance_{rules}.csv` has one row per object.\n",
        table(
            ["requirement", "measured"],
            [
                ["every file has exactly one result",
                 f"{len(objects)} files, {len(crashed)} exceptions"],
                ["at least 90 % of the objects that pydicom reads are de-identified",
                 f"{len(done)} of {len(readable)} ({share:.1%})"],
                ["no defect found by the independent verifier",
                 f"{sum(map(len, defects.values())) or 'none'}"],
                ["no new kind of error reported by dciodvfy",
                 f"{len(errors) or 'none'} in {len(compared)} objects"],
                ["the same bytes from a second de-identifier",
                 f"{len(differing) or 'none'} of {len(repeated)} differ"],
                ["no pseudonym shared with another namespace",
                 f"{sum(row.shared for row in rows)} of {sum(row.pseudonyms for row in rows)}"],
                ["objects with masked regions in their pixels",
                 f"{sum(row.masked > 0 for row in objects)}"],
                ["CPU seconds of one pass",
                 f"{sum(row.seconds for row in objects):.0f} for {size:.0f} MB"],
            ],
        ),
        "\n## Outcomes\n",
        table(["folder", "files", "pydicom reads", "of these, de-identified", "de-identified",
               "filtered", "quarantined"],
              [_outcomes(folder, own) for folder, own in sorted(folders.items())]
              + [_outcomes("**all**", objects)]),
        "\n## Objects that were not written\n",
        table(["status", "reason", "SOP class", "pydicom reads", "files", "example"],
              _refusals(objects)),
    ]  # fmt: skip
    for title, named in (
        ("Defects found by the independent verifier", defects),
        ("New kinds of errors reported by dciodvfy", errors),
    ):
        if named:
            cells = ([k.replace("|", "/"), len(n), n[0]] for k, n in sorted(named.items()))
            parts += [f"\n## {title}\n", table(["message", "objects", "example"], cells)]
    for title, names in (("Exceptions", crashed), ("Different bytes", differing)):
        if names:
            parts += [f"\n## {title}\n", *(f"- {name}" for name in names)]
    return "\n".join(parts)


def _named(rows: Sequence[AcceptanceRow], column: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        for name in getattr(row, column).split(SEPARATOR):
            if name:
                found[name].append(f"{row.folder}/{row.file}")
    return found


def _outcomes(folder: str, rows: Sequence[AcceptanceRow]) -> list[object]:
    counts = Counter(row.status for row in rows)
    return [
        folder, len(rows), sum(row.readable for row in rows),
        sum(row.readable and row.status == "deidentified" for row in rows),
        counts["deidentified"], counts["filtered"], counts["quarantined"],
    ]  # fmt: skip


def _refusals(rows: Sequence[AcceptanceRow]) -> list[list[object]]:
    found: dict[tuple[str, str, str], list[AcceptanceRow]] = defaultdict(list)
    for row in rows:
        if row.status != "deidentified":
            found[row.status, row.reason, row.sop_class or "-"].append(row)
    return [
        [*key, sum(row.readable for row in own), len(own), f"{own[0].folder}/{own[0].file}"]
        for key, own in sorted(found.items())
    ]
