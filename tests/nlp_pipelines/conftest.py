"""One Spark session for the tests of this folder; they are skipped without the jars."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from jobs.common.spark.session import JARS, start_session
from safelight.records import Span


@pytest.fixture(scope="session")
def spark() -> Iterator[object]:
    if not any(JARS.glob("spark-nlp_*.jar")):
        pytest.skip("run `make jars` first")
    yield start_session("tests", "local[2]", {"spark.sql.shuffle.partitions": "2"})


@pytest.fixture(scope="session")
def annotate(spark: object) -> Callable[[Sequence[str]], list[list[Span]]]:
    from nlp_pipelines.annotate import build_annotator

    return build_annotator(spark)
