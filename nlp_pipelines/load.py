"""Load the pipeline once per Spark application and compute its version."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from nlp_pipelines.build import build_pipeline

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.sql import SparkSession

_PACKAGE = Path(__file__).resolve().parent
SHIPPED_MODEL = _PACKAGE / "models" / "safelight-text-5"

#: Suffixes of code and data in ``safelight.text``.
_HASHED_SUFFIXES = frozenset((".py", ".yaml", ".csv", ".txt", ".gz"))
#: ONNX Runtime threads of one Spark task. The default is one thread, which was twice as fast as
#: two (benchmarks/results/text.md).
_THREADS_SETTING = "spark.jsl.settings.onnx.intraOpNumThreads"

#: Pipelines by application ID and model folder.
_loaded: dict[tuple[str, str], PipelineModel] = {}


def load_pipeline(spark: SparkSession, folder: Path | None = None) -> PipelineModel:
    """Return the pipeline of a model folder; it is built once per Spark application.

    Parameters
    ----------
    spark : SparkSession
        Session with the Spark NLP jar on its class path.
    folder : Path, optional
        Model folder (default: the shipped model).

    Returns
    -------
    PipelineModel
        As :func:`nlp_pipelines.build.build_pipeline` returns it.

    Raises
    ------
    FileNotFoundError
        If the folder does not hold a model.
    """
    folder = (folder or SHIPPED_MODEL).resolve()
    if not (folder / "model.onnx").is_file():
        raise FileNotFoundError(f"{folder.name} does not hold model.onnx: pass a model folder")
    key = (spark.sparkContext.applicationId, str(folder))
    if key not in _loaded:
        if spark.conf.get(_THREADS_SETTING, None) is None:
            spark.conf.set(_THREADS_SETTING, "1")
        _loaded[key] = build_pipeline(spark, folder)
    return _loaded[key]


@lru_cache(maxsize=4)
def pipeline_version(folder: Path | None = None) -> str:
    """Return a hash of the model files and of the code and data of the pipeline and the rules.

    Two runs with the same version find the same spans in the same text. Hashed are the model
    files, the modules of this package, the module of the named rules, and every file of
    ``safelight.text``, which holds the recognizers and the lexicon.

    Parameters
    ----------
    folder : Path, optional
        Model folder (default: the shipped model).

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    import safelight.named_rules
    import safelight.text

    folder = folder or SHIPPED_MODEL
    text = Path(safelight.text.__file__).resolve().parent
    files = sorted(folder.rglob("*.onnx")) + sorted(folder.rglob("*.txt"))
    files += sorted(_PACKAGE.glob("*.py"))
    files.append(Path(safelight.named_rules.__file__))
    files += sorted(path for path in text.rglob("*") if path.suffix in _HASHED_SUFFIXES)
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
