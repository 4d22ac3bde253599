"""Clean PDF documents."""
