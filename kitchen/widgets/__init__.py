"""Widgets for JupyterLab and for `kitchen serve`; the only folder that knows ipywidgets.

`app` is what they share: a page on which no fault is lost. `live`, `explorer`, `sweep_viewer` and
`sweeper` are the tools, `page` puts them on one page.
"""

import lazy_loader

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
