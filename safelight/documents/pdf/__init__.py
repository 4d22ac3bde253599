"""PDF documents: text extraction, masking, and rewriting as pictures with a text layer."""
