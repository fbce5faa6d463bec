"""Chooses between a kernel and its reference.

ENGINE_COMPILED=0 takes the references, =1 makes a missing kernel an error, so that no benchmark ever
times a reference by accident; unset takes what is there.
"""

import os
from importlib import import_module
from types import ModuleType

_WANTED = os.environ.get("ENGINE_COMPILED", "")


def implementation(name: str) -> ModuleType:
    """Give the module that does the work of a facade: the kernel `_name`, or `reference.name`."""
    if _WANTED != "0":
        try:
            return import_module(f"engine._{name}")
        except ImportError:
            if _WANTED == "1":
                raise
    return import_module(f"engine.reference.{name}")


def is_compiled(module: ModuleType) -> bool:
    """Say whether a module is a kernel."""
    return not module.__name__.startswith("engine.reference.")
