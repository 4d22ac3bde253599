"""Show the progress of a run on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(total: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on stderr if stderr is a terminal.

    Parameters
    ----------
    total : int
        Number of objects.

    Yields
    ------
    callable
        Function that advances the bar by a number of objects.
    """
    from tqdm import tqdm

    with tqdm(total=total, unit="object", disable=not sys.stderr.isatty()) as bar:
        yield bar.update
