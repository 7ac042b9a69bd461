"""What should a delivery kitchen do with food that has no room? A simulation that compares answers."""

import lazy_loader

# `__init__.pyi` lists the public names and where they live; each loads when it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
