"""Export a checkpoint as a model folder for Spark NLP: ONNX (int8), vocabulary, labels."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import BertForTokenClassification

from nlp_pipelines.model_labels import LABELS


class _Logits(torch.nn.Module):
    """Classifier with the three input tensors of Spark NLP and the logits as output."""

    def __init__(self, model: BertForTokenClassification):
        super().__init__()
        self.model = model

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        """Return the logits of a batch."""
        return self.model(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).logits


def export(checkpoint: Path, output: Path, nothing_bias: float = 0.0) -> None:
    """Write ``model.onnx``, ``assets/vocab.txt`` and ``assets/labels.txt``.

    Parameters
    ----------
    checkpoint : Path
        Folder with the weights, the configuration and the vocabulary.
    output : Path
        Model folder to write.
    nothing_bias : float
        Value that is subtracted from the logit of ``O``, because a missed name costs more than a
        redacted word.
    """
    model = BertForTokenClassification.from_pretrained(checkpoint, attn_implementation="eager")
    model.eval()
    with torch.no_grad():
        model.classifier.bias[0] -= nothing_bias
    assets = output / "assets"
    assets.mkdir(parents=True, exist_ok=True)
    ids = torch.ones((2, 8), dtype=torch.long)
    axes = {0: "batch", 1: "sequence"}
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        torch.onnx.export(
            _Logits(model),
            (ids, torch.ones_like(ids), torch.zeros_like(ids)),
            str(plain),
            input_names=["input_ids", "attention_mask", "token_type_ids"],
            output_names=["logits"],
            opset_version=14,
            dynamo=False,
            dynamic_axes={
                name: axes for name in ("input_ids", "attention_mask", "token_type_ids", "logits")
            },
        )
        quantize_dynamic(
            str(plain), str(output / "model.onnx"), weight_type=QuantType.QInt8, per_channel=False
        )
    shutil.copy(checkpoint / "vocab.txt", assets / "vocab.txt")
    (assets / "labels.txt").write_text("\n".join(LABELS) + "\n", encoding="utf-8")
