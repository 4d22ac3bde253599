from __future__ import annotations

import numpy as np

from tools.train_text_model.restore import weights_of


def test_quantised_weights_are_multiplied_by_their_scale() -> None:
    tensors = {
        "model.bert.embeddings.word_embeddings.weight_quantized": np.array([[130, 126]], np.uint8),
        "model.bert.embeddings.word_embeddings.weight_zero_point": np.array(128, np.uint8),
        "model.bert.embeddings.word_embeddings.weight_scale": np.array(0.5, np.float32),
        "onnx::MatMul_7_quantized": np.array([[1, 2, 3], [4, 5, 6]], np.int8),
        "onnx::MatMul_7_zero_point": np.array(0, np.int8),
        "onnx::MatMul_7_scale": np.array(2.0, np.float32),
        "model.classifier.bias": np.array([1.0, 2.0, 3.0], np.float32),
        "/model/Constant_output_0": np.array(4, np.int64),
    }
    weights = weights_of(tensors, [("/model/classifier/MatMul_quant", "onnx::MatMul_7_quantized")])
    assert set(weights) == {
        "bert.embeddings.word_embeddings.weight",
        "classifier.weight",
        "classifier.bias",
    }
    assert weights["bert.embeddings.word_embeddings.weight"].tolist() == [[1.0, -1.0]]
    assert weights["classifier.weight"].tolist() == [[2.0, 8.0], [4.0, 10.0], [6.0, 12.0]]
