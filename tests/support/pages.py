"""What the pages of the tools have in common, for tests in a browser."""

TOOLS = {"Explorer": "Compare", "LiveKitchen": "Live kitchen", "Sweeper": "Sweep"}
"""The tools, and how the titles of their tabs begin on the page that is served."""


def shown(page):
    """The tool that is in sight; on the page that is served, one tab has others below it."""
    tool = page.locator(".kt-app:not(:has(.kt-app)):visible")
    tool.wait_for()
    return tool


def open_tab(page, tool: str) -> None:
    """Go to a tool on the page that is served."""
    tab = page.get_by_role("tab", name=TOOLS[tool])
    tab.click()
    page.locator("[role=tab][aria-selected=true]", has_text=TOOLS[tool]).wait_for()


# Texts that are no text if anybody takes them for HTML

SCRIPT = "<script>window.hacked = 1</script>"
IMAGE = "<img src=x onerror='window.hacked = 2'>"
QUOTES = "\"' onmouseover=window.hacked=3 x='"
