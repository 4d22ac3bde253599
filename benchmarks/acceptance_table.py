"""Rows of an acceptance run, one an object, and the report that is made of them."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

#: Between several defects or kinds of errors of one object.
BETWEEN = " ; "


@dataclass
class Row:
    """What came of one file. Paths are those of public test data.

    Attributes
    ----------
    folder, file : str
    readable : bool
        Whether pydicom reads it as an object that is no media directory.
    status, reason : str
        Of the result; ``crashed`` and the class of the exception if there was none.
    sop_class : str
    masked : int
        Regions hidden in the pixels.
    defects : str
        By the independent check.
    compared : bool
        Whether dciodvfy read both the original and the output.
    new_errors : str
        Kinds of errors that it reports of the output alone.
    repeated : str
        ``same`` or ``differs``: the bytes from a second engine; empty if not tried.
    pseudonyms, shared : int
        Pseudonyms of the object, and those that another namespace used too.
    seconds : float
        CPU seconds of the first pass.
    bytes : int
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


def load(path: Path) -> list[Row]:
    """The rows of a file; none if there is no file."""
    if not path.exists():
        return []
    kinds = {field.name: field.type for field in fields(Row)}
    read: dict[str, Callable[[str], Any]] = {
        "bool": lambda text: text == "True", "int": int, "float": float, "str": str,
    }  # fmt: skip
    with path.open(newline="", encoding="utf-8") as stream:
        return [
            Row(**{name: read[str(kinds[name])](text) for name, text in line.items()})
            for line in csv.DictReader(stream)
        ]


def save(rows: Sequence[Row], path: Path) -> None:
    """Write the rows as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, [f.name for f in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


def table(head: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *([str(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def report(rows: Sequence[Row], rules: str, stages: str) -> str:
    """The figures as Markdown."""
    objects = [row for row in rows if row.status]
    folders: dict[str, list[Row]] = defaultdict(list)
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
        f"Rules `{rules}`, {stages}. Made by `python -m benchmarks.acceptance --data FOLDER "
        f"--rules {rules}`; one row an object is in `acceptance_{rules}.csv`.\n",
        table(
            ["must hold", "measured"],
            [
                ["every file ends in exactly one result",
                 f"{len(objects)} files, {len(crashed)} exceptions"],
                ["at least 90 % of what pydicom reads is de-identified",
                 f"{len(done)} of {len(readable)} ({share:.1%})"],
                ["no defect by the independent check",
                 f"{sum(map(len, defects.values())) or 'none'}"],
                ["no new kind of error by dciodvfy",
                 f"{len(errors) or 'none'} in {len(compared)} objects"],
                ["the same bytes from a second engine",
                 f"{len(differing) or 'none'} of {len(repeated)} differ"],
                ["no pseudonym shared with another namespace",
                 f"{sum(row.shared for row in rows)} of {sum(row.pseudonyms for row in rows)}"],
                ["objects with regions hidden in their pixels",
                 f"{sum(row.masked > 0 for row in objects)}"],
                ["CPU seconds of one pass",
                 f"{sum(row.seconds for row in objects):.0f} for {size:.0f} MB"],
            ],
        ),
        "\n## Outcomes\n",
        table(["folder", "files", "pydicom reads", "of these de-identified", "de-identified",
               "filtered", "quarantined"],
              [_outcomes(folder, own) for folder, own in sorted(folders.items())]
              + [_outcomes("**all**", objects)]),
        "\n## What was not written, and why\n",
        table(["status", "reason", "SOP class", "pydicom reads", "files", "for example"],
              _refusals(objects)),
    ]  # fmt: skip
    for title, named in (
        ("Defects by the independent check", defects),
        ("New kinds of errors by dciodvfy", errors),
    ):
        if named:
            cells = ([k.replace("|", "/"), len(n), n[0]] for k, n in sorted(named.items()))
            parts += [f"\n## {title}\n", table(["what", "objects", "for example"], cells)]
    for title, names in (("Exceptions", crashed), ("Bytes differ", differing)):
        if names:
            parts += [f"\n## {title}\n", *(f"- {name}" for name in names)]
    return "\n".join(parts)


def _named(rows: Sequence[Row], column: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        for name in getattr(row, column).split(BETWEEN):
            if name:
                found[name].append(f"{row.folder}/{row.file}")
    return found


def _outcomes(folder: str, rows: Sequence[Row]) -> list[object]:
    counts = Counter(row.status for row in rows)
    return [
        folder, len(rows), sum(row.readable for row in rows),
        sum(row.readable and row.status == "deidentified" for row in rows),
        counts["deidentified"], counts["filtered"], counts["quarantined"],
    ]  # fmt: skip


def _refusals(rows: Sequence[Row]) -> list[list[object]]:
    found: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.status != "deidentified":
            found[row.status, row.reason, row.sop_class or "-"].append(row)
    return [
        [*key, sum(row.readable for row in own), len(own), f"{own[0].folder}/{own[0].file}"]
        for key, own in sorted(found.items())
    ]
