"""Parameter sweeps: designs, executors, on-disk store, sensitivity analysis, break-even."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submodules=["designs"])
