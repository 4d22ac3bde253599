"""Configure, resume and run a job batch by batch."""
