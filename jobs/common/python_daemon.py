"""Load the modules of the workers in the process from which Spark forks them.

Otherwise each worker loads them itself, in the first second of its work and in memory of its
own. ``spark.python.daemon.module`` in conf/spark/local.conf names this module.
"""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Callable
from importlib.machinery import PathFinder

#: Archives of PySpark and its jar, which Spark adds to the path of Python.
_SPARK_ARCHIVE = re.compile(r"/(pyspark\.zip|py4j-[^/]*\.zip|spark-core_[^/]*\.jar)(/|$)")


def preload() -> None:
    """Load the modules of the workers, and the tables that the first object needs."""
    import pandas  # noqa: F401  Arrow imports it when it makes its first array

    import jobs.common.images.plugin  # noqa: F401
    import jobs.common.run.worker  # noqa: F401
    import safelight.deidentifier  # noqa: F401  the public API imports it lazily
    from safelight.text.dates.calendar_names import calendar_names
    from safelight.text.lexicon.words import dictionary

    dictionary()
    calendar_names()
    gc.collect()
    gc.freeze()  # a collection in a worker would otherwise copy the shared memory pages


def without_archives(path: list[str]) -> list[str]:
    """Return a path without the archives of Spark, if their packages are also installed.

    Before each task PySpark invalidates the import caches, and the directory of each archive on
    the path is then read again, once per folder in it from which a module was imported: a tenth
    of a second and more per task, as long as it takes to de-identify a hundred headers.
    """
    remaining = [entry for entry in path if not _SPARK_ARCHIVE.search(entry)]
    installed = all(PathFinder.find_spec(package, remaining) for package in ("pyspark", "py4j"))
    return remaining if installed else path


def _load_manager() -> Callable[[], None]:
    """Return the daemon of Spark, imported from the path of the workers."""
    path = without_archives(sys.path)
    for entry in set(sys.path) - set(path):
        sys.path_importer_cache.pop(entry, None)
    sys.path[:] = path
    from pyspark.daemon import manager

    return manager


if __name__ == "__main__":
    manager = _load_manager()
    preload()
    manager()
