"""Make the tables in ``safelight/standard/data`` from their published sources.

Names and bytes of the tables are part of the hash of every rule set (see
`safelight.standard.get_data_version`), comments and explanations included.
"""

from __future__ import annotations

import csv
from pathlib import Path

#: Folder of the tables.
DATA_FOLDER = Path(__file__).resolve().parents[2] / "safelight" / "standard" / "data"


def write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    """Write rows with the same keys to a CSV file with a header.

    Parameters
    ----------
    path : Path
    rows : list of dict of str to str
        At least one row.
    """
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
