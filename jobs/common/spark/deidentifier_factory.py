"""What a worker needs to build the engine, and the one engine that it then keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from safelight.pseudonyms import Pseudonyms


def _deidentifier(**arguments: Any) -> Any:
    from safelight import Deidentifier

    return Deidentifier(**arguments)


@dataclass(frozen=True)
class DeidentifierConfig:
    """The arguments of :class:`safelight.Deidentifier`, in a form that travels to workers.

    ``rules`` is the resolved rule set, so that workers need none of its files.
    """

    rules: Any = field(compare=False, repr=False)
    rules_hash: str
    key: bytes = field(repr=False)
    namespace: str
    pixels: bool
    text: bool
    build: Callable[..., Any] = _deidentifier

    @property
    def stages(self) -> str:
        """The stages that run, for the ``stages`` column of ``instances``."""
        named = (("headers", True), ("pixels", self.pixels), ("text", self.text))
        return "+".join(name for name, on in named if on)

    def pseudonyms(self) -> Pseudonyms:
        """The derivations that the tables use; the engine has its own, with the rules' ranges."""
        return Pseudonyms(self.key, self.namespace)


@lru_cache(maxsize=1)
def get_deidentifier(config: DeidentifierConfig) -> Any:
    """The engine of this process."""
    return config.build(
        rules=config.rules,
        key=config.key,
        namespace=config.namespace,
        pixels=config.pixels,
        text=config.text,
    )
