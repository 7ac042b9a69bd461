"""What users write: scenarios, menus, distributions, decay laws, rules, strategies, measures."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submodules=["decay", "rules"])
