"""Name the stages of a verification, for its progress."""

from __future__ import annotations

#: Lists the outputs.
LIST = "LIST"

#: Pairs outputs with the rows of the tables.
MATCH = "MATCH"

#: Verifies objects and files of notes in the workers.
CHECK = "CHECK"
