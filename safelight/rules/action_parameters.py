"""Parameters of the actions that compute a new value."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

Precision = Literal["year", "quarter", "month", "day"]
PRECISIONS: tuple[Precision, ...] = ("year", "quarter", "month", "day")

#: Function that changes a value. The others replace it.
Transformation = Literal[
    "generalise", "round", "perturb", "truncate", "regex", "upper", "lower", "initials"
]


@dataclass(frozen=True)
class ActionParameters:
    r"""Parameters of one entry of ``elements``. Each action uses some of them.

    Attributes
    ----------
    action : str
        Name of the action.
    to : str
        Precision of a generalised date; empty for numbers and ages.
    step : float
        Width of the bands of ``generalise``, or unit of ``round``; 0 for dates.
    first, last : float
        Smallest and largest number that ``perturb`` adds.
    is_percent : bool
        Whether ``first`` and ``last`` are percentages of the value.
    length : int
        Number of characters that ``truncate`` keeps or ``hash`` makes.
    prefix : str
        Text before a ``hash``.
    pattern, replacement : str
        Regular expression of RE2, and its replacement with groups as ``\1``.
    template : str
        Value of ``text``, with references to elements of the new object in braces.
    table, column : str
        Lookup table, and the column with the new value.
    keeps_missing : bool
        Whether a value that the lookup table lacks is kept.
    """

    action: str
    to: str = ""
    step: float = 0.0
    first: float = 0.0
    last: float = 0.0
    is_percent: bool = False
    length: int = 0
    prefix: str = ""
    pattern: str = ""
    replacement: str = ""
    template: str = ""
    table: str = ""
    column: str = ""
    keeps_missing: bool = False

    def list_settings(self) -> dict[str, object]:
        """Return the parameters that are set, for the hash and the description of rules.

        The definition of the lookup table has what happens to other values.
        """
        unnamed = ("action", "keeps_missing")
        return {
            name: value for name, value in asdict(self).items() if value and name not in unnamed
        }
