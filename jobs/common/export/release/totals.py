"""Add up the objects of a release for its statement."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from jobs.common.export.verified_objects import SCOPE_SEPARATOR


@dataclass
class ReleaseTotals:
    """Totals over the rows of released objects.

    Attributes
    ----------
    objects, size : int
        Number of objects, and of their bytes.
    patients : set of str
        Patient IDs for the recipient.
    rules : set of tuple
        Names and hashes of the rules of the first pass.
    methods, stages, verification, verification_scopes : Counter
        Number of objects by code of De-identification Method Code Sequence, by the stages of the
        first pass, by the outcome of their verification, and by what it did.
    without_entry : int
        Number of objects without directory records.
    """

    objects: int = 0
    size: int = 0
    patients: set[str] = field(default_factory=set)
    rules: set[tuple[str, str]] = field(default_factory=set)
    methods: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)
    verification: Counter[str] = field(default_factory=Counter)
    verification_scopes: Counter[str] = field(default_factory=Counter)
    without_entry: int = 0

    def add(self, rows: pa.Table) -> None:
        """Add rows of released objects; see :mod:`jobs.common.export.recipient.rows`."""
        selected = rows["selected"].combine_chunks()
        self.objects += len(rows)
        self.size += pc.sum(rows["bytes"]).as_py() or 0
        self.patients.update(pc.unique(rows["patient_id"]).to_pylist())
        rules = pa.table({name: selected.field(name) for name in ("rules_name", "rules_hash")})
        distinct = rules.group_by(rules.column_names).aggregate([])
        self.rules.update(zip(*(column.to_pylist() for column in distinct.columns)))
        self.methods += _count(pc.list_flatten(rows["method_codes"]))
        self.stages += _count(selected.field("stages"))
        self.verification += _count(selected.field("verification"))
        self.verification_scopes += _count(selected.field("verification_scope"))
        self.without_entry += rows["entry_keys"].null_count

    @property
    def with_pixel_stage(self) -> int:
        """Number of objects whose pixels were examined."""
        return sum(n for stages, n in self.stages.items() if _has_pixel_stage(stages))

    def count_verified(self, scope: str) -> int:
        """Return the number of objects whose verification did one of ``SCOPES``."""
        return sum(
            n
            for scopes, n in self.verification_scopes.items()
            if scope in scopes.split(SCOPE_SEPARATOR)
        )


def _count(values: pa.Array | pa.ChunkedArray) -> Counter[str]:
    """Return the number of values by value."""
    counts = pc.value_counts(values)
    return Counter(
        dict(zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist()))
    )


def _has_pixel_stage(stages: str) -> bool:
    """Return whether pixels were examined, from a value such as ``headers+pixels``."""
    return "pixels" in re.findall(r"\w+", stages)
