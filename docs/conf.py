"""Settings of Sphinx; `make docs` (docs/build.py) assembles the source that it reads."""

import re
from pathlib import Path

from kitchen.utils.version import __version__

project = "kitchen"
author = "the kitchen developers"
copyright = "the kitchen developers; BSD 3-clause licence"
version = release = __version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.viewcode", "numpydoc", "myst_nb"]
source_suffix = {".rst": "restructuredtext", ".md": "myst-nb", ".ipynb": "myst-nb"}
default_role = "any_code"
highlight_language = "python"

# Docstrings
autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_validate = False

# Markdown, and notebooks that docs/build.py has run
nb_execution_mode = "off"
nb_ipywidgets_js = {}  # static pages have no kernel; what a widget leaves for them is shown
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
suppress_warnings = ["mystnb.mime_priority", "mystnb.unknown_mime_type"]

# The pages; nothing on them asks the network
html_theme = "pydata_sphinx_theme"
html_title = "kitchen"
html_theme_options = {
    "show_nav_level": 1,
    "logo": {"text": "kitchen"},
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-button"],
    "header_links_before_dropdown": 6,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
}
html_sidebars = {"index": [], "start": [], "questions": []}
smartquotes = False  # a text in quotes may be one to type
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_search_scorer = str(Path(__file__).parent / "_static/scorer.js")


def setup(app):
    """Single backquotes in docstrings are code, as NumPy's reader of docstrings has them."""
    from docutils import nodes
    from docutils.parsers.rst import roles

    def any_code(name, rawtext, text, lineno, inliner, options=None, content=None):
        return [nodes.literal(rawtext, text)], []

    def with_links(app, what, name, obj, options, lines):
        """A page of `docs/` that a docstring names by its path becomes a link."""
        lines[:] = [re.sub(r"`{1,2}docs/([\w/-]+)\.md`{1,2}", r":doc:`\1 </\1>`", x) for x in lines]

    roles.register_local_role("any_code", any_code)
    app.connect("autodoc-process-docstring", with_links)
