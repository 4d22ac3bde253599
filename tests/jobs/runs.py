"""Run the job over DICOM objects in tests, with a fake de-identifier."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Optional

from jobs.common.delta.schemas import IMAGE_TABLES
from jobs.common.delta.tables.table_set import Tables
from jobs.common.images.plugin import ImagePlugin
from jobs.common.run.annotations import TextModel
from jobs.common.run.job import Job
from jobs.common.run.run_config import RunConfig
from jobs.common.sources.discovery import SourceRequest, list_sources
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.spark.session import lazy_session
from jobs.common.storage.location import parse_uri
from tests.jobs.conftest import KEY
from tests.jobs.fake_deidentifier import FakeDeidentifier


def fake_config(text: bool = False) -> DeidentifierConfig:
    """Return a configuration of the header stage, with the text stage or without."""
    return DeidentifierConfig(None, "h" * 64, KEY, "default", False, text)


def make_run_config(
    place: Path | str, run_id: str = "r1", text_model: Optional[TextModel] = None, **more: Any
) -> RunConfig:
    """Return the configuration of a run over ``place/in``."""
    output, tables = parse_uri(f"{place}/out"), parse_uri(f"{place}/tables")
    config = fake_config(text_model is not None)
    settings: dict[str, Any] = {
        "listing": list_sources(SourceRequest((f"{place}/in",), allow_empty=True), no_session),
        "output": output,
        "tables": tables,
        "mapping": tables,
        "deidentifier": config,
        "rules_name": "fake",
        "text_model": text_model,
        "run_id": run_id,
        "named": False,
        "lease_table": None,
        "master": None,
        "settings": {},
        "fail_on_quarantine": False,
        "parameters": {},
    }
    return RunConfig(**(settings | more))


def no_session() -> Any:
    """Replace the Spark session of a listing that needs none."""
    raise AssertionError("the listing needs no session")


def run(place: Path | str, run_id: str = "r1", **more: Any) -> int:
    """Run the job and return its exit code."""
    return run_config(make_run_config(place, run_id, **more))


def run_config(config: RunConfig) -> int:
    """Run the job of a configuration and return its exit code."""
    with lazy_session("tests") as spark:
        return Job(config, ImagePlugin(FakeDeidentifier), spark).run()


def rows(spark: Any, place: Path | str, table: str) -> list[Any]:
    """Return all rows of a table."""
    return list(Tables(spark, parse_uri(f"{place}/tables")).read(table).collect())


def all_but_sources(tables: Path) -> bytes:
    """Return the bytes of all tables except ``sources``."""
    files = (path for path in tables.rglob("*") if path.is_file())
    return b"".join(p.read_bytes() for p in files if p.relative_to(tables).parts[0] != "sources")


def write_sources(place: Path, contents: dict[str, str]) -> None:
    """Write sources for the fake de-identifier."""
    for name, content in contents.items():
        path = place / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def outcome(spark: Any, place: Path | str) -> dict[str, Any]:
    """Return all that a run writes, without what differs between runs."""
    left: dict[str, Any] = {}
    volatile = {"run_id", "first_run_id", "batch", "processed_at", "seconds"}
    # Encrypted with a new nonce; locations and times of the files of this run.
    volatile |= {"original_encrypted", "source_uri", "source_id", "source_version"}
    for table in IMAGE_TABLES:
        left[table] = Counter(
            tuple(
                str(value).replace(str(place), "")
                for name, value in row.asDict().items()
                if name not in volatile
            )
            for row in rows(spark, place, table)
        )
    objects = Path(f"{place}/out").rglob("*.dcm")
    left["objects"] = {str(p.relative_to(f"{place}/out")): p.read_bytes() for p in objects}
    return left
