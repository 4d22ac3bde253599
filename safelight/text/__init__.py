"""Free text: what identifies someone in it, and what takes its place."""
