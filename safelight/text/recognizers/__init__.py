"""Find PHI in text by rules and word lists."""
