"""Load the shipped pipeline once per session."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from nlp_pipelines.build import GAZETTEER, build_pipeline

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.sql import SparkSession

_HERE = Path(__file__).resolve().parent
SHIPPED = _HERE / "models" / "safelight-text-4"

#: ONNX Runtime threads of one Spark task; see benchmarks/results/text.md for why it is one.
_THREADS = "spark.jsl.settings.onnx.intraOpNumThreads"

_loaded: dict[tuple[str, str], PipelineModel] = {}


def load_pipeline(spark: SparkSession, folder: Path | None = None) -> PipelineModel:
    """The pipeline of a model folder, built once per Spark application.

    Parameters
    ----------
    spark : SparkSession
        With the Spark NLP jar on its class path.
    folder : Path, optional
        Another model folder than the shipped one.

    Raises
    ------
    FileNotFoundError
        If the folder holds no model.
    """
    folder = (folder or SHIPPED).resolve()
    if not (folder / "model.onnx").is_file():
        raise FileNotFoundError(f"{folder.name} holds no model.onnx: give a model folder")
    key = (spark.sparkContext.applicationId, str(folder))
    if key not in _loaded:
        if spark.conf.get(_THREADS, None) is None:
            spark.conf.set(_THREADS, "1")
        _loaded[key] = build_pipeline(spark, folder)
    return _loaded[key]


@lru_cache(maxsize=4)
def pipeline_version(folder: Path | None = None) -> str:
    """Hash of the model files, the gazetteers, and the code and data of rules and pipeline.

    Two runs with the same version find the same spans in the same text.
    """
    import safelight.text

    folder = folder or SHIPPED
    text = Path(safelight.text.__file__).resolve().parent
    files = sorted(folder.rglob("*.onnx")) + sorted(folder.rglob("*.txt"))
    files += sorted(path for path in GAZETTEER.parent.iterdir() if path.suffix in (".txt", ".gz"))
    files += sorted(_HERE.glob("*.py"))
    files += sorted(
        path for pattern in ("*.py", "*.yaml", "*.txt", "*.gz") for path in text.rglob(pattern)
    )
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
