"""Find PHI in free text and replace it."""
