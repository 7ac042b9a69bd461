"""Widgets for JupyterLab and for `kitchen serve`; the only folder that knows ipywidgets.

`app` is what they share: a page on which no fault is lost. `live`, `explorer`, `sweep_viewer` and
`sweeper` are the tools, `page` puts them on one page.
"""

from importlib.util import find_spec

import lazy_loader

from kitchen.errors import ExtraError

for _name in ("ipywidgets", "anywidget"):
    if find_spec(_name) is None:  # whichever tool is imported first
        raise ExtraError(
            "the widgets need ipywidgets, anywidget and JupyterLab: pip install 'kitchensim[notebook]'"
        )

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "explorer": ["Explorer"],
        "live": ["LiveKitchen"],
        "page": ["page"],
        "sweep_viewer": ["SweepViewer"],
        "sweeper": ["Sweeper"],
    },
)
