from __future__ import annotations

import sys
from typing import Any


def test_workers_are_forked_from_what_has_their_modules(spark: Any) -> None:
    def whose(_: int) -> tuple[str, bool]:
        return sys.modules["__main__"].__spec__.name, "jobs.common.worker" in sys.modules

    (told,) = spark.sparkContext.parallelize([0], 1).map(whose).collect()
    assert told == ("jobs.common.daemon", True)
