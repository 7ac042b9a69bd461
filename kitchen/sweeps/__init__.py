"""Many points: designs, parts, executors, the folder that keeps them, sensitivity, break-even."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submodules=["designs"])
