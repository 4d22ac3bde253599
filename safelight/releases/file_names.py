"""Names of the files of a release that are not objects."""

from __future__ import annotations

from typing import Final

#: Directory of a File-set.
DICOMDIR_NAME: Final = "DICOMDIR"

#: Path, checksum, size and identifiers of each object.
MANIFEST_NAME: Final = "manifest.csv"

#: Typed attributes of each object.
CATALOG_NAME: Final = "catalog.parquet"

#: Rules, methods, risk and limits of a release.
STATEMENT_NAME: Final = "statement.json"

#: Complete releases to a recipient, and the objects that the recipient has to delete.
CURRENT_NAME: Final = "current.json"
WITHDRAWN_NAME: Final = "withdrawn.csv"

#: All names.
RELEASE_FILE_NAMES: Final = (
    DICOMDIR_NAME, MANIFEST_NAME, CATALOG_NAME, STATEMENT_NAME, CURRENT_NAME, WITHDRAWN_NAME,
)  # fmt: skip
