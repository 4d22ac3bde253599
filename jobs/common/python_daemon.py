"""The process that Spark forks its Python workers from, with what they need loaded already.

Each worker would load it for itself otherwise, in the first second of its work and once more
in memory. ``spark.python.daemon.module`` in conf/spark/local.conf names this module.
"""

from __future__ import annotations

import gc
import re
import sys
from importlib.machinery import PathFinder
from typing import Any

#: The archives of PySpark, and its jar, which Spark puts on the path of Python for old reasons.
_SPARKS_OWN = re.compile(r"/(pyspark\.zip|py4j-[^/]*\.zip|spark-core_[^/]*\.jar)(/|$)")


def load() -> None:
    """Load the modules of the workers and the tables that the first object would ask for."""
    import pandas  # noqa: F401  Arrow loads it when it makes its first array

    import jobs.common.images.worker  # noqa: F401
    from safelight.text.dates.calendar_names import calendar_names
    from safelight.text.lexicon.words import dictionary

    dictionary()
    calendar_names()
    gc.collect()
    gc.freeze()  # so that no worker copies these pages by counting what they hold


def prefer_unpacked(path: list[str]) -> list[str]:
    """A path without the archives that Spark puts on it, if its packages stand there unpacked.

    Before each task PySpark has Python forget what it knows of the path, and the directory of
    each archive on it is then read again, once for each folder in it that a module came from: a
    tenth of a second and more a task, as long as de-identifying a hundred headers takes.
    """
    rest = [entry for entry in path if not _SPARKS_OWN.search(entry)]
    found = all(PathFinder.find_spec(package, rest) for package in ("pyspark", "py4j"))
    return rest if found else path


def _manager() -> Any:
    """Spark's own daemon, loaded from where the workers are to load Spark from."""
    path = prefer_unpacked(sys.path)
    for place in set(sys.path) - set(path):
        sys.path_importer_cache.pop(place, None)
    sys.path[:] = path
    from pyspark.daemon import manager

    return manager


if __name__ == "__main__":
    manager = _manager()
    load()
    manager()
