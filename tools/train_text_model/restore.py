"""Write the weights of a shipped model as a checkpoint, to continue its training.

The int8 weights are multiplied by their scales. The result differs from the weights before the
export by the rounding only.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from safetensors.numpy import save_file
from transformers import BertConfig

from nlp_pipelines.model_labels import LABELS
from tools.train_text_model.average import WEIGHTS

_PREFIX = "model."
_EMBEDDING = ".weight_quantized"
_PRODUCT = "MatMulInteger"


def _unquantised(
    tensors: dict[str, NDArray[np.generic]], name: str
) -> NDArray[np.float32]:
    """Return the values of a quantised tensor whose scale and zero point have the same stem."""
    stem = name.removesuffix("_quantized")
    zero_point = tensors[f"{stem}_zero_point"].astype(np.int32)
    values = tensors[name].astype(np.int32) - zero_point
    return (values * tensors[f"{stem}_scale"]).astype(np.float32)


def restore(model: Path, start: Path, output: Path, nothing_bias: float) -> None:
    """Write a checkpoint with the weights of an exported model.

    Parameters
    ----------
    model : Path
        Model folder, written by :func:`tools.train_text_model.export.export`.
    start : Path
        Folder with the configuration (``config.json``) of the architecture.
    output : Path
        Folder of the checkpoint to write.
    nothing_bias : float
        Value that the export subtracted from the logit of ``O``; it is added again.
    """
    graph = onnx.load(str(model / "model.onnx")).graph
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    weights: dict[str, NDArray[np.float32]] = {}
    for name, values in tensors.items():
        if name.endswith(_EMBEDDING):
            key = name.removeprefix(_PREFIX).removesuffix("_quantized")
            weights[key] = _unquantised(tensors, name)
        elif name.startswith(_PREFIX) and values.dtype == np.float32 and values.ndim == 1:
            weights[name.removeprefix(_PREFIX)] = values.copy()
    for node in graph.node:
        if node.op_type == _PRODUCT:
            # "/model/bert/encoder/layer.0/output/dense/MatMul_quant"
            key = ".".join(node.name.strip("/").split("/")[1:-1]) + ".weight"
            weights[key] = np.ascontiguousarray(_unquantised(tensors, node.input[1]).T)
    weights["classifier.bias"][0] += nothing_bias
    output.mkdir(parents=True, exist_ok=True)
    save_file(weights, output / WEIGHTS, metadata={"format": "pt"})
    names = dict(enumerate(LABELS))
    config = BertConfig.from_pretrained(start, id2label=names, architectures=["BertForTokenClassification"])
    config.save_pretrained(output)
    shutil.copy(model / "assets" / "vocab.txt", output / "vocab.txt")
