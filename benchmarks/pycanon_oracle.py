"""Measure seeded tables by pycanon, the oracle of ``safelight.risk.measures``.

Run in an environment of its own, because pycanon pins NumPy and pandas:
  uv venv pycanon && uv pip install --python pycanon/bin/python pycanon==1.3.6
  pycanon/bin/python benchmarks/pycanon_oracle.py tests/risk/pycanon_results.json
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pandas as pd  # type: ignore[import-untyped, unused-ignore]
from pycanon import anonymity  # type: ignore[import-not-found, unused-ignore]

QUASI_IDENTIFIERS = ["age", "sex", "body_part"]


def measure(seed: int) -> dict[str, object]:
    """Return a random table and its measures by pycanon."""
    numbers = random.Random(seed)
    rows = [
        [
            numbers.choice(("040Y", "050Y", "060Y")),
            numbers.choice("FM"),
            numbers.choice(("CHEST", "KNEE")),
            numbers.choice(("nodule", "fracture", "normal", "effusion")),
        ]
        for _ in range(40 + 12 * seed)
    ]
    table = pd.DataFrame(rows, columns=[*QUASI_IDENTIFIERS, "finding"])
    arguments = (table, QUASI_IDENTIFIERS, ["finding"])
    return {
        "seed": seed,
        "rows": rows,
        "k": int(anonymity.k_anonymity(table, QUASI_IDENTIFIERS)),
        "l": int(anonymity.l_diversity(*arguments)),
        "entropy_l": int(anonymity.entropy_l_diversity(*arguments)),
        "t": float(anonymity.t_closeness(*arguments)),
    }


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps([measure(seed) for seed in range(6)]) + "\n")
