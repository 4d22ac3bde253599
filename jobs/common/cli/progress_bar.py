"""A progress bar on a terminal, nothing anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@contextmanager
def progress_bar(spark: SparkSession, total: int) -> Iterator[Callable[[int], None]]:
    """A bar over objects; the block is given a function that advances it."""
    from tqdm import tqdm

    with tqdm(total=total, unit="object", disable=not sys.stderr.isatty()) as bar:
        yield bar.update
