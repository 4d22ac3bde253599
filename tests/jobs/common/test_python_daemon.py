from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from jobs.common.python_daemon import prefer_unpacked


def test_workers_are_forked_from_what_has_their_modules(spark: Any) -> None:
    def whose(_: int) -> tuple[str, bool]:
        return sys.modules["__main__"].__spec__.name, "jobs.common.images.worker" in sys.modules

    (told,) = spark.sparkContext.parallelize([0], 1).map(whose).collect()
    assert told == ("jobs.common.python_daemon", True)


def test_workers_read_no_archive_of_spark_before_each_task(spark: Any) -> None:
    def archives(_: int) -> list[str]:
        from zipimport import zipimporter

        finders = sys.path_importer_cache.items()
        return [place for place, finder in finders if isinstance(finder, zipimporter)]

    (found,) = spark.sparkContext.parallelize([0], 1).map(archives).collect()
    assert not [place for place in found if "py4j" in place or "spark" in place]


def test_an_archive_stays_where_nothing_else_has_the_package(tmp_path: Path) -> None:
    path = ["/opt/lib/pyspark.zip", "/opt/lib/py4j-0.10-src.zip", "/opt/ours.zip", str(tmp_path)]
    assert prefer_unpacked(path) == path
    for package in ("pyspark", "py4j"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    assert prefer_unpacked(path) == path[2:]
