"""What the pages of the tools have in common, for tests in a browser."""

TOOLS = {
    "Explorer": "Compare",
    "LiveKitchen": "Live kitchen",
    "Advisor": "What would help",
    "Sweeper": "Sweep",
}
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


def answered(page, tool: str):
    """The tool that is in sight, asked where it has to be, once its answer is there."""
    place = shown(page)
    if tool == "Explorer":
        place.locator("svg .row").first.wait_for()
        page.wait_for_function(FRESH)
    elif tool == "LiveKitchen":
        place.locator(".shelves canvas").first.wait_for()
    elif tool == "Advisor":
        place.get_by_label("replications").fill("4")
        place.get_by_role("button", name="What would help?").click()
        place.locator("img").first.wait_for()
    else:
        place.get_by_role("button", name="Run", exact=True).click()
        page.locator("figure.chart").first.wait_for()
    return place


FRESH = """() => [...document.querySelectorAll("*")].map(element => element.shadowRoot?.querySelector(".answer"))
  .every(answer => !answer?.classList.contains("stale"))"""

# Texts that are no text if anybody takes them for HTML

SCRIPT = "<script>window.hacked = 1</script>"
IMAGE = "<img src=x onerror='window.hacked = 2'>"
QUOTES = "\"' onmouseover=window.hacked=3 x='"
