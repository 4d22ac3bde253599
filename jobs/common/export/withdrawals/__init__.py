"""Remove withdrawn patients from tables, outputs, releases and notes."""
