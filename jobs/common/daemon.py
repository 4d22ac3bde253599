"""The process that Spark forks its Python workers from, with what they need loaded already.

Each worker would load it for itself otherwise, in the first second of its work and once more
in memory. ``spark.python.daemon.module`` in conf/spark/local.conf names this module.
"""

from __future__ import annotations

import gc

from pyspark.daemon import manager


def load() -> None:
    """Load the modules of the workers and the tables that the first object would ask for."""
    import pandas  # noqa: F401  Arrow loads it when it makes its first array

    import jobs.common.worker  # noqa: F401
    from safelight.text.calendar_names import calendar_names
    from safelight.text.words import dictionary

    dictionary()
    calendar_names()
    gc.collect()
    gc.freeze()  # so that no worker copies these pages by counting what they hold


if __name__ == "__main__":
    load()
    manager()
