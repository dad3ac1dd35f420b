"""Imports modules as soon as Keras is there, and not before."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Sequence
from typing import Any

_KERAS = "keras"


def import_after_keras(package: str, *modules: str) -> None:
    """Imports modules now if Keras is loaded, else once it has been loaded.

    Keras finds a class in a file by the name that its module registers. So a
    package whose classes are saved has to be imported before a file is read;
    but for that it need not load Keras, which takes seconds, before its user
    does.

    Args:
        package: The package of the modules. While one of its modules is half
            imported, as in the middle of `import keras_snow.layers`, they wait
            until it is done.
        *modules: What to import.
    """
    if _KERAS in sys.modules:
        for name in modules:
            importlib.import_module(name)
    else:
        sys.meta_path.insert(0, _Watch(package, modules))


class _Watch(importlib.abc.MetaPathFinder):
    """Finds nothing itself: sees when Keras and the package are imported."""

    def __init__(self, package: str, modules: Sequence[str]) -> None:
        self.package = package
        self.modules = modules
        self.under_way = 0

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != _KERAS and not fullname.startswith(f"{self.package}."):
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Watched(spec.loader, self)
                return spec
        return None

    def end(self) -> None:
        """Imports what waits, if nothing is half imported any more."""
        done = _KERAS in sys.modules and not self.under_way
        if done and self in sys.meta_path:
            sys.meta_path.remove(self)
            import_after_keras(self.package, *self.modules)


class _Watched(importlib.abc.Loader):
    """A loader that tells when its module begins and ends."""

    def __init__(self, loader: Any, watch: _Watch) -> None:
        self.loader = loader
        self.watch = watch

    def __getattr__(self, name: str) -> Any:  # Sources, resources, ...
        return getattr(self.loader, name)

    def create_module(
        self, spec: importlib.machinery.ModuleSpec
    ) -> types.ModuleType | None:
        module: types.ModuleType | None = self.loader.create_module(spec)
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        module.__loader__ = self.loader
        if module.__spec__ is not None:
            module.__spec__.loader = self.loader
        self.watch.under_way += 1
        try:
            self.loader.exec_module(module)
        finally:
            self.watch.under_way -= 1
        self.watch.end()
