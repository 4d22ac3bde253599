"""Write the weights of an exported model as a checkpoint, to continue its training.

The int8 weights are multiplied by their scales. The result differs from the weights before the
export by the rounding only.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from nlp_pipelines.model_labels import LABELS
from tools.train_text_model.average import WEIGHTS

_PREFIX = "model."
_EMBEDDING = ".weight_quantized"
_PRODUCT = "MatMulInteger"


def _unquantised(tensors: Mapping[str, NDArray[Any]], name: str) -> NDArray[np.float32]:
    """Return the values of a quantised tensor, whose scale and zero point have the same stem."""
    stem = name.removesuffix("_quantized")
    zero_point = tensors[f"{stem}_zero_point"].astype(np.int32)
    values = tensors[name].astype(np.int32) - zero_point
    product: NDArray[np.float32] = (values * tensors[f"{stem}_scale"]).astype(np.float32)
    return product


def weights_of(
    tensors: Mapping[str, NDArray[Any]], products: Iterable[tuple[str, str]]
) -> dict[str, NDArray[np.float32]]:
    """Return the weights of a model by the names of PyTorch.

    Parameters
    ----------
    tensors : mapping
        Initialisers of the ONNX graph by name.
    products : iterable of (str, str)
        Name of each node that multiplies by a weight, such as ``/model/classifier/MatMul_quant``,
        and of its quantised tensor.
    """
    weights: dict[str, NDArray[np.float32]] = {}
    for name, values in tensors.items():
        if name.endswith(_EMBEDDING):
            key = name.removeprefix(_PREFIX).removesuffix("_quantized")
            weights[key] = _unquantised(tensors, name)
        elif name.startswith(_PREFIX) and values.dtype == np.float32 and values.ndim == 1:
            weights[name.removeprefix(_PREFIX)] = values.copy()
    for node, name in products:
        key = ".".join(node.strip("/").split("/")[1:-1]) + ".weight"
        # the layers of PyTorch have the outputs in rows
        weights[key] = np.ascontiguousarray(_unquantised(tensors, name).T)
    return weights


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
    # onnx and transformers are not run-time dependencies
    import onnx
    from transformers import BertConfig

    graph = onnx.load(str(model / "model.onnx")).graph
    weights = weights_of(
        {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer},
        [(node.name, node.input[1]) for node in graph.node if node.op_type == _PRODUCT],
    )
    weights["classifier.bias"][0] += nothing_bias
    output.mkdir(parents=True, exist_ok=True)
    save_file(weights, output / WEIGHTS, metadata={"format": "pt"})
    names = dict(enumerate(LABELS))
    config = BertConfig.from_pretrained(
        start, id2label=names, label2id={label: index for index, label in names.items()}
    )
    config.save_pretrained(output)
    shutil.copy(model / "assets" / "vocab.txt", output / "vocab.txt")
