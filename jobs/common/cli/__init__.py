"""Parse arguments and configuration files, report errors and progress."""
