"""Give Spark NLP paths that it can read: it takes a path for a URI and does not encode it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

#: Paths that are the same in a URI.
_PLAIN = re.compile(r"[A-Za-z0-9/._~+-]+")


@contextmanager
def plain_paths(*paths: Path) -> Iterator[tuple[Path, ...]]:
    """Provide paths without spaces and other characters that a URI encodes.

    Parameters
    ----------
    *paths : Path
        Absolute paths of files and folders.

    Yields
    ------
    tuple of Path
        The paths, or links to them, which exist for the time of the block, if one has such a
        character.
    """
    if all(_PLAIN.fullmatch(str(path)) for path in paths):
        yield paths
        return
    with TemporaryDirectory(prefix="safelight-model-") as folder:
        links = tuple(Path(folder, str(number)) for number in range(len(paths)))
        for link, path in zip(links, paths):
            link.symlink_to(path.resolve())
        yield links
