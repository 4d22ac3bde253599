from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nlp_pipelines.load import SHIPPED_MODEL, load_pipeline, pipeline_version


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="does not hold model.onnx"):
        load_pipeline(object(), tmp_path)  # type: ignore[arg-type]


def test_a_pipeline_is_built_once_per_application(spark: object) -> None:
    assert load_pipeline(spark) is load_pipeline(spark, SHIPPED_MODEL)  # type: ignore[arg-type]


def test_the_version_is_stable() -> None:
    pipeline_version.cache_clear()
    first = pipeline_version()
    pipeline_version.cache_clear()
    assert pipeline_version() == first and len(first) == 16


def test_the_version_depends_on_the_model(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED_MODEL / "assets", tmp_path / "assets")
    assert pipeline_version(tmp_path) != pipeline_version()
