"""`kitchen doctor`: versions, memory, threads, and whether the engine is compiled."""

from __future__ import annotations

import inspect
import os
import platform
import time
from importlib import metadata
from pathlib import Path

from kitchen.errors import KitchenError, inline
from kitchen.utils.version import __version__

PACKAGES = (
    "numpy",
    "pandas",
    "numba",
    "llvmlite",
    "scipy",
    "matplotlib",
    "pydantic",
    "pyarrow",
)


def checkup() -> list[tuple[str, str]]:
    """Pairs of a name and a finding; a problem is a finding too."""
    from kitchen.utils.system import thread_count

    return [
        ("kitchen", __version__),
        ("python", f"{platform.python_version()} ({platform.python_implementation()})"),
        ("system", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        *((name, _version_of(name)) for name in PACKAGES),
        ("threads", f"{thread_count(None)} of {os.cpu_count()} processors"),
        ("memory", _memory()),
        *_another_kitchen(),
        *_environment(),
        *_engine(),
    ]


def _another_kitchen() -> list[tuple[str, str]]:
    """A package of somebody else that is imported by the same name; this one is `kitchensim`."""
    found = _version_of("kitchen")
    if found == "missing":
        return []
    return [
        (
            "in the way",
            f"the package 'kitchen' {found}, which is somebody else's and has the same folder. "
            "Remove it and install this one anew: pip uninstall kitchen kitchensim, then "
            "pip install kitchensim",
        )
    ]


def _version_of(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing"


def _memory() -> str:
    import psutil

    memory = psutil.virtual_memory()
    return f"{memory.available / 1e9:.1f} GB free of {memory.total / 1e9:.1f} GB"


def _environment() -> list[tuple[str, str]]:
    """Environment variables with which the engine cannot run."""
    from kitchen.utils.environment import check_environment

    try:
        check_environment()
    except KitchenError as error:
        return [("environment", str(error))]
    return []


def _engine() -> list[tuple[str, str]]:
    """Location of the engine's machine code, whether it was cached, and the loading time."""
    started = time.perf_counter()
    try:
        from kitchen.engine import encode, kernel, random, trace
        from kitchen.model import decay

        imported = time.perf_counter()
        functions = [
            f for module in (decay, random, trace, kernel, encode) for f in vars(module).values()
        ]
        kernels = [
            function.compile()
            for function in dict.fromkeys(filter(inspect.isfunction, functions))
            if hasattr(function, "compile")
        ]
    except Exception as error:  # any problem is a finding
        problem = " ".join(str(error).split())
        return [("engine", f"cannot be loaded: {type(error).__name__}: {problem}")]
    done = time.perf_counter()
    folders = {str(Path(k.stats.cache_path)) for k in kernels if k.stats.cache_path}
    fresh = sum(not kernel.stats.cache_hits for kernel in kernels)
    if fresh:
        state = f"{fresh} of {len(kernels)} kernels compiled now, which took"
    else:
        state = f"compiled before; loading its {len(kernels)} kernels took"
    return [
        ("cache", ", ".join(map(inline, sorted(folders))) or "none"),
        ("engine", f"{state} {done - imported:.2f} s, importing it {imported - started:.2f} s"),
    ]
