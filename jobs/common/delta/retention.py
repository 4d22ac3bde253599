"""Time for which replaced files of a table are kept, for commands that do not read tables."""

#: Days after which files that were replaced or never committed are deleted.
RETAIN_DAYS = 7
