"""Write the metrics of a run to a file in the text format of Prometheus.

The textfile collector of the node exporter reads such files. The file is replaced as a whole, so
that a reader never finds half of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from jobs.common.cli.log import log_error
from jobs.common.observe.metrics import RunMetrics
from safelight.version import VERSION

if TYPE_CHECKING:
    from prometheus_client.core import Metric


class PrometheusFile:
    """Metrics file of one run.

    Parameters
    ----------
    path : str
        Local file; its folder must exist.
    """

    def __init__(self, path: str):
        self._path = path
        self._has_failed = False

    def publish(self, metrics: RunMetrics) -> None:
        """Replace the file; the first failure is logged.

        Parameters
        ----------
        metrics : RunMetrics
            Current values.
        """
        from prometheus_client import CollectorRegistry, write_to_textfile

        registry = CollectorRegistry()
        registry.register(_Collector(metrics))
        try:
            write_to_textfile(self._path, registry)
        except OSError as error:
            if not self._has_failed:
                log_error(
                    "metrics_failed",
                    f"the file of --metrics cannot be written ({error.strerror}); make its folder "
                    "writable; the run continues",
                )
            self._has_failed = True


class _Collector:
    """Collector of the metrics of a run, as the registry of Prometheus asks for."""

    def __init__(self, metrics: RunMetrics):
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics."""
        from prometheus_client.core import InfoMetricFamily

        metrics = self._metrics
        info = {"command": metrics.command, "run_id": metrics.run_id, "version": VERSION}
        yield InfoMetricFamily("safelight_run", "Current or last run.", info)
        yield from self._counters()
        yield from self._gauges()

    def _counters(self) -> Iterator[Metric]:
        metrics, counts = self._metrics, self._metrics.counts
        yield _counter(
            "safelight_objects",
            "Objects or notes of committed batches by status.",
            ["status"],
            [((status,), count) for status, count in counts.by_status().items()]
            + [(("skipped",), metrics.skipped)],
        )
        yield _counter(
            "safelight_reasons",
            "Objects or notes of committed batches without output, by status and reason code.",
            ["status", "reason"],
            counts.by_reason(),
        )
        yield _counter(
            "safelight_bytes",
            "Bytes read and written by committed batches.",
            ["direction"],
            [(("in",), counts.bytes_in), (("out",), counts.bytes_out)],
        )
        yield _counter(
            "safelight_stage_seconds",
            "Time in which a stage was active.",
            ["stage"],
            [((stage,), round(value, 3)) for stage, value in metrics.stage_seconds.items()],
        )
        yield _counter("safelight_batches", "Committed batches.", [], [((), metrics.batches)])

    def _gauges(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily

        metrics = self._metrics
        gauges = {
            "safelight_queue_objects": ("Objects not committed yet.", metrics.queue_objects),
            "safelight_queue_bytes": ("Bytes of their sources.", metrics.queue_bytes),
            "safelight_queue_lag_seconds": (
                "Time since the last commit, or the start, while objects are queued.",
                round(metrics.queue_lag_seconds, 3),
            ),
            "safelight_run_started_timestamp_seconds": ("Start of the run.", metrics.started),
            "safelight_run_updated_timestamp_seconds": ("Time of these values.", metrics.updated),
            "safelight_run_active": ("1 while the run lasts.", int(metrics.succeeded is None)),
            "safelight_run_failed": ("1 after a failed run.", int(metrics.succeeded is False)),
        }  # fmt: skip
        for name, (text, value) in gauges.items():
            yield GaugeMetricFamily(name, text, value)


def _counter(
    name: str,
    text: str,
    labels: Sequence[str],
    values: Iterable[tuple[tuple[str, ...], float]],
) -> Metric:
    from prometheus_client.core import CounterMetricFamily

    family = CounterMetricFamily(name, text, labels=labels)
    for label_values, value in values:
        family.add_metric(label_values, value)
    return family
