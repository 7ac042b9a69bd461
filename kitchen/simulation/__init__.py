"""`simulate` and its results: frames, metrics, snapshots."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submodules=["metrics"])
