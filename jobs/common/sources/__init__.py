"""List the sources of a run, skip those that are done, and pack the others into tasks."""
