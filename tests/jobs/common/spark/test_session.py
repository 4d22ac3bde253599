from __future__ import annotations

import shlex
import signal
import socket
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from pyspark import SparkConf
from pyspark import context as pyspark_context
from pyspark.sql import SparkSession

from jobs.common.cli.errors import JobError, UsageError
from jobs.common.spark import session as session_module
from jobs.common.spark.session import (
    has_java,
    lazy_session,
    parse_settings,
    repeat_failed_tasks,
    repeats_failed_tasks,
    require_master,
    session,
    stop_session,
)


def test_settings_are_pairs_of_spark() -> None:
    assert parse_settings(["spark.a=1", "spark.b=x=y"]) == {"spark.a": "1", "spark.b": "x=y"}


@pytest.mark.parametrize("pair", ["spark.a", "a=1"])
def test_another_setting_is_refused(pair: str) -> None:
    with pytest.raises(UsageError, match=r"spark\.NAME=VALUE"):
        parse_settings([pair])


def test_an_endpoint_of_spark_alone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3", raising=False)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with pytest.raises(UsageError, match="give --endpoint-url"):
        parse_settings(["spark.hadoop.fs.s3a.endpoint=http://storage:9000"])


@pytest.mark.parametrize(
    ("master", "repeating"),
    [
        ("local", "local[1,4]"),
        ("local[*]", "local[*,4]"),
        ("local[3]", "local[3,4]"),
        ("local[3,1]", "local[3,1]"),
        ("yarn", "yarn"),
        ("spark://a:7077", "spark://a:7077"),
    ],
)
def test_local_spark_repeats_failed_tasks(master: str, repeating: str) -> None:
    assert repeat_failed_tasks(master) == repeating
    assert repeats_failed_tasks(master) == (master == repeating)


def test_a_master_that_does_not_run_is_reported() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(JobError, match="master cannot be reached: check the host and the port"):
        require_master(f"spark://127.0.0.1:{port},127.0.0.1:x")


def test_one_of_several_masters_is_enough() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        require_master(f"spark://127.0.0.1:1,127.0.0.1:{port}")


@pytest.mark.parametrize("master", [None, "local[2]", "yarn", "k8s://https://host"])
def test_another_kind_of_master_is_not_checked(master: str | None) -> None:
    require_master(master)


def test_java_is_searched_in_its_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert not has_java()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").touch()
    assert has_java()


@pytest.mark.parametrize("path", ["/tmp/x", "/my scans/x", "/a 'b'/\"c\"\\d", "/ta\tb/"])
def test_an_option_of_java_may_hold_any_path(path: str) -> None:
    option = f"-Dderby.system.home={path}"
    quoted = session_module.quote_option(option)
    assert shlex.split(f"-Xmx1g {quoted} -Dlast") == ["-Xmx1g", option, "-Dlast"]
    assert (quoted == option) == (path == "/tmp/x")


def test_an_active_session_is_used(spark: Any) -> None:
    with session("test") as found:
        assert found is spark


def test_pyspark_cannot_replace_the_handler_of_interrupts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = signal.getsignal(signal.SIGINT)
    context: Any = pyspark_context
    kept = context.signal
    during: list[Any] = []

    class Builder:
        """Does what PySpark does when it starts a context in the main thread."""

        def getOrCreate(self) -> None:  # noqa: N802
            context.signal.signal(context.signal.SIGINT, lambda *_: None)
            during.append(signal.getsignal(signal.SIGINT))
            raise RuntimeError

        def __getattr__(self, name: str) -> Any:
            return lambda *_: self

    monkeypatch.setattr(SparkSession, "builder", Builder())
    with pytest.raises(JobError, match="Spark does not start"):
        session_module.start_session("test", "local[1]")
    assert during == [before]
    assert context.signal is kept and signal.getsignal(signal.SIGINT) is before


def test_a_lazy_session_is_not_started_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "session", lambda *_: pytest.fail("Spark was started"))
    with lazy_session("test"):
        pass


def test_a_stop_does_not_wait_for_the_server_of_accumulators() -> None:
    called = Event()
    stopped: list[bool] = []
    context = SimpleNamespace(_accumulatorServer=SimpleNamespace(shutdown=called.wait))
    spark: Any = SimpleNamespace(sparkContext=context, stop=lambda: stopped.append(True))
    stop_session(spark)
    called.set()
    assert stopped and context._accumulatorServer is None


@pytest.mark.parametrize(
    ("settings", "cores"),
    [
        ({}, 0),
        ({"enabled": "true"}, 0),
        ({"enabled": "true", "maxExecutors": "2147483647"}, 0),
        ({"enabled": "true", "maxExecutors": "25"}, 100),
        ({"enabled": "false", "maxExecutors": "25"}, 0),
    ],
)
def test_dynamic_allocation_may_reach_the_cores_of_its_limit(
    settings: dict[str, str], cores: int
) -> None:
    conf = SparkConf(loadDefaults=False)
    conf.setAll((f"spark.dynamicAllocation.{name}", value) for name, value in settings.items())
    conf.set("spark.executor.cores", "4")
    assert session_module.count_allocatable_cores(conf) == cores
