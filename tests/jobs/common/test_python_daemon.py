from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from jobs.common.python_daemon import without_archives


def test_workers_are_forked_from_a_process_with_their_modules(spark: Any) -> None:
    def preloaded(_: int) -> tuple[str, bool, bool]:
        modules = ("jobs.common.run.worker", "safelight.deidentifier")
        return sys.modules["__main__"].__spec__.name, *(name in sys.modules for name in modules)

    (found,) = spark.sparkContext.parallelize([0], 1).map(preloaded).collect()
    assert found == ("jobs.common.python_daemon", True, True)


def test_workers_read_no_archive_of_spark_before_each_task(spark: Any) -> None:
    def archives(_: int) -> list[str]:
        from zipimport import zipimporter

        finders = sys.path_importer_cache.items()
        return [entry for entry, finder in finders if isinstance(finder, zipimporter)]

    (found,) = spark.sparkContext.parallelize([0], 1).map(archives).collect()
    assert not [entry for entry in found if "py4j" in entry or "spark" in entry]


def test_an_archive_is_kept_if_its_package_is_not_installed(tmp_path: Path) -> None:
    path = ["/opt/lib/pyspark.zip", "/opt/lib/py4j-0.10-src.zip", "/opt/ours.zip", str(tmp_path)]
    assert without_archives(path) == path
    for package in ("pyspark", "py4j"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    assert without_archives(path) == path[2:]
