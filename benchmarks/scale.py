"""Compute hours and dollars of large archives from the measured figures and stated assumptions.

    python -m benchmarks.scale

Figures are those that `benchmarks.growth` and `benchmarks.s3_requests` have measured, and the
assumptions are in ``scale.yaml``. The tables of docs/scale.md are written between two comments.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from benchmarks.comparison import format_table, read_figures
from benchmarks.processes import ROOT

_PAGE = ROOT / "docs" / "scale.md"
_BEGIN, _END = "<!-- tables of benchmarks.scale -->\n", "<!-- end of the tables -->\n"


class Estimate(NamedTuple):
    """Cost of one run.

    Attributes
    ----------
    core_hours : float
        Hours of one core.
    hours : float
        Hours with the given cores, or those of the driver if it needs longer.
    driver_hours : float
        Hours of serial work of the driver.
    serverless, spot : float
        Dollars for computing on EMR Serverless and on EMR with spot instances.
    requests : float
        Dollars for requests to S3.
    """

    core_hours: float
    hours: float
    driver_hours: float
    serverless: float
    spot: float
    requests: float


def estimate(
    objects: int, cores: int, seconds: float, driver_seconds: float, given: dict[str, Any]
) -> Estimate:
    """Return the cost of one run.

    Parameters
    ----------
    objects : int
        Number of objects.
    cores : int
        Cores of the executors.
    seconds : float
        CPU seconds of the executors for one object.
    driver_seconds : float
        Serial seconds of the driver for one object.
    given : dict
        Assumptions; see scale.yaml.
    """
    machine, price, requests = given["machine"], given["price"], given["requests"]
    core_hours = objects * seconds / machine["busy"] / machine["speed"] / 3600
    driver_hours = objects * driver_seconds / machine["speed"] / 3600
    memory = machine["memory_gb_per_core"] * price["serverless_gb_hour"]
    instance = price["instance_hour"] * price["spot"] + price["emr_hour"]
    thousands = (
        requests["put_per_object"] * price["put_thousand"]
        + requests["get_per_object"] * price["get_thousand"]
    )
    return Estimate(
        core_hours,
        max(core_hours / cores, driver_hours),
        driver_hours,
        core_hours * (price["serverless_core_hour"] + memory),
        core_hours * instance / price["instance_cores"],
        objects / 1000 * thousands,
    )


def object_seconds(given: dict[str, Any]) -> dict[str, float]:
    """Return the CPU seconds of one object by kind of work.

    Parameters
    ----------
    given : dict
        Assumptions; see scale.yaml.
    """
    client = read_figures("s3_requests")
    large, small = (client[f"{side} read"] + client[f"{side} write"] for side in (512, 16))
    headers = given["work"]["header_seconds"] + large
    return {
        "images of 527 KB, header rules": headers,
        "images of 527 KB, with pixels": headers + given["work"]["image_seconds"],
        "notes of 500 tokens": given["work"]["note_seconds"] + small,
    }


def format_tables(given: dict[str, Any]) -> list[str]:
    """Return the lines of the tables.

    Parameters
    ----------
    given : dict
        Assumptions; see scale.yaml.
    """
    growth = read_figures("growth")
    driver = max(growth["now_driver_cpu_seconds"], 0.0)
    rows = []
    for work, seconds in object_seconds(given).items():
        for objects, cores in given["runs"].items():
            cost = estimate(objects, cores, seconds, driver, given)
            rows.append([
                f"{work}: {objects:,}", f"{cores:,}", f"{seconds * 1000:.1f}",
                f"{cost.core_hours:,.0f}", f"{cost.hours:,.1f}", f"{cost.driver_hours:,.1f}",
                f"{cost.serverless:,.0f}", f"{cost.spot:,.0f}", f"{cost.requests:,.0f}",
            ])  # fmt: skip
    header = (
        "work: objects", "cores", "CPU ms per object", "core hours", "hours", "hours of the driver",
        "$ EMR Serverless", "$ EMR, spot", "$ requests to S3",
    )  # fmt: skip
    tables = []
    for objects in given["runs"]:
        gigabytes = objects * growth["now_table_bytes"] / 1e9
        tables.append([f"{objects:,}", f"{gigabytes:,.1f}"])
    return [
        *format_table(header, rows),
        "",
        "Tables of a run with header rules (all tables, compressed):",
        "",
        *format_table(("objects", "GB"), tables),
    ]


def main() -> None:
    """Write the tables into docs/scale.md."""
    given = yaml.safe_load((Path(__file__).parent / "scale.yaml").read_text())
    text = _PAGE.read_text()
    head, _, rest = text.partition(_BEGIN)
    tail = rest.partition(_END)[2]
    lines = "\n".join(format_tables(given))
    _PAGE.write_text(f"{head}{_BEGIN}\n{lines}\n\n{_END}{tail}")
    print(lines)


if __name__ == "__main__":
    main()
