"""Make the folder ``dist/``: everything that a cluster needs to run Safelight."""
