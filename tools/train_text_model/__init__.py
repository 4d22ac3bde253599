"""How the shipped model is made: planted values in clinical text, a fine-tuned MiniLM, ONNX."""
