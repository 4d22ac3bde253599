"""Find burned-in text in pixels, decide which of it is PHI, and mask it."""
