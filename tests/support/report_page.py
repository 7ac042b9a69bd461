"""Reading the page of a report, and a rule and a name that put it to the test."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """The tags of a page with their attributes, and its visible text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.words, self.open = [], [], []
        self.feed(html)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    def all(self, name):
        return [attrs for tag, attrs in self.tags if tag == name]


NASTY = "<script>alert('x')</script> & $\\frac{1}{2}$ \"quoted\" {{ 7 * 7 }}"


def page_of(folder):
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def own_rule(order):
    """Mine: <b>whatever</b> waited longest."""
    return -order.waited_s
