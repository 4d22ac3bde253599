"""Build the de-identifier of a worker process, and keep it for the tasks of one run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Optional, TypeVar, cast

from jobs.common.secrets.sealing_keys import SealingKey
from safelight.pseudonyms import Pseudonyms

if TYPE_CHECKING:
    from safelight.rules import RuleSet

D = TypeVar("D")


@dataclass(frozen=True)
class DeidentifierConfig:
    """Arguments of a de-identifier, in a form that is sent to workers.

    Attributes
    ----------
    rules : RuleSet
        Resolved rules, so that workers need none of their files.
    rules_hash : str
        Hash of the rules; two configurations are equal if it is, whatever the object.
    key : bytes
        Master key.
    namespace : str
    pixels, text : bool
        Stages to run.
    sealing_key : SealingKey, optional
        Key that encrypts the originals (default: derived from ``key``).
    """

    rules: RuleSet = field(compare=False, repr=False)
    rules_hash: str
    key: bytes = field(repr=False)
    namespace: str
    pixels: bool
    text: bool
    sealing_key: Optional[SealingKey] = field(default=None, compare=False, repr=False)

    @property
    def stages(self) -> str:
        """Return the stages to run, as in the column ``stages``."""
        return join_stages(self.pixels, self.text)

    def pseudonyms(self) -> Pseudonyms:
        """Return the pseudonyms of the tables; those of the de-identifier follow the rules."""
        return Pseudonyms(self.key, self.namespace)


def join_stages(pixels: bool, text: bool) -> str:
    """Return the value of the column ``stages``.

    Parameters
    ----------
    pixels, text : bool
        Whether the stage is on. The header stage always is.
    """
    stages = (("headers", True), ("pixels", pixels), ("text", text))
    return "+".join(name for name, enabled in stages if enabled)


def get_deidentifier(config: DeidentifierConfig, build: Callable[[DeidentifierConfig], D]) -> D:
    """Return the de-identifier of this process.

    Parameters
    ----------
    config : DeidentifierConfig
    build : callable
        Builds the de-identifier. It is called once per process and run, so it must be hashable:
        a function, or a callable with ``__eq__``.
    """
    return cast(D, _build_once(config, build))


def forget_deidentifier() -> None:
    """Let the next call of :func:`get_deidentifier` build the de-identifier of this process."""
    _build_once.cache_clear()


@lru_cache(maxsize=1)
def _build_once(
    config: DeidentifierConfig, build: Callable[[DeidentifierConfig], object]
) -> object:
    return build(config)
