"""Train the shipped text model: clinical text with planted values, fine-tuned MiniLM, ONNX."""
