"""Pages taken apart: which tags and attributes there are, and what is text."""

from html.parser import HTMLParser

NASTY = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"quoted\" and 'quoted'",
    '"><svg onload=alert(1)>',
    "</td></table><b>",
    "&lt;b&gt; &amp; &#0;",
    "javascript:alert(1)",
]
TAGS = {"div", "table", "thead", "tbody", "tr", "th", "td", "span", "b", "p", "ul", "li"}
TAGS |= {"dl", "dt", "dd"}


class Page(HTMLParser):
    """A page's tags, its attributes, and its text, cell by cell."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.open, self.texts = [], [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.open.append(tag)
        self.texts.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return "".join(self.texts)


def harmless(page):
    """The page, once it is sure that it has only our tags and our attributes."""
    found = Page(page)
    assert set(found.tags) <= TAGS
    assert {name for name, _ in found.attributes} <= {"style", "scope"}
    return found
