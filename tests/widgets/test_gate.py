"""The gate of the served page, in front of an application that lets everything through."""

import re

import pytest

pytest.importorskip(
    "tornado", reason="tornado is not installed; pip install 'kitchensim[notebook]'"
)

from tornado.httpserver import HTTPServer
from tornado.testing import AsyncHTTPTestCase
from tornado.web import Application, RequestHandler

from kitchen.widgets.gate import HEADERS, Gate

TOKEN = "a-token-of-twenty-four-b"


class Inside(RequestHandler):
    def prepare(self):
        self.finish("inside")


class Gated(AsyncHTTPTestCase):
    """Runs a test's body against a server; see `ask`."""

    def get_app(self):
        return Application([("/.*", Inside)])

    def get_http_server(self):
        return HTTPServer(Gate(self._app, TOKEN, 8866))

    def runTest(self):
        """Nothing of its own."""


@pytest.fixture
def ask():
    """Ask the server for a path with headers; the answer, without following it."""
    case = Gated()
    case.setUp()

    def fetch(path, method="GET", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = "" if method == "POST" else None
        return case.fetch(path, method=method, headers=named, body=body, follow_redirects=False)

    fetch.port = case.get_http_port()
    yield fetch
    case.tearDown()


KEPT = f"kitchen_8866={TOKEN}"


def text(answer):
    return answer.body.decode()


def test_without_a_token_nothing_is_let_in(ask):
    for path in ("/", "/api/kernels", "/voila/static/voila.js", f"/?token={TOKEN}x", "/?token="):
        for method in ("GET", "POST", "HEAD", "DELETE"):
            answer = ask(path, method)
            assert answer.code == 403 and "inside" not in text(answer)
    assert "This kitchen is locked" in text(ask("/"))
    assert ask("/", Cookie="kitchen_8866=").code == 403
    assert ask("/", Cookie=f"kitchen_8867={TOKEN}").code == 403


def test_the_token_becomes_a_cookie_and_leaves_the_address(ask):
    answer = ask(f"/?token={TOKEN}&scenario=friday&x=%3Cb%3E")
    assert answer.code == 303
    assert answer.headers["Location"] == "/?scenario=friday&x=%3Cb%3E"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(KEPT) and "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert TOKEN not in answer.headers["Location"] and TOKEN not in text(answer)
    assert text(ask(answer.headers["Location"], Cookie=KEPT)) == "inside"


def test_the_address_leads_nowhere_else(ask):
    answer = ask(f"//kitchen.example/?token={TOKEN}")
    assert answer.headers["Location"] == "/kitchen.example/"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
@pytest.mark.parametrize("path", ["/", f"/?token={TOKEN}"])
def test_another_page_sends_nobody_in_even_with_the_cookie_and_the_token(ask, path, site):
    answer = ask(path, Cookie=KEPT, Sec_Fetch_Site=site)
    assert answer.code == 403
    assert "Another page has led here" in text(answer) and TOKEN not in text(answer)


@pytest.mark.parametrize("origin", ["http://kitchen.example", "http://127.0.0.1:1", "null"])
def test_a_script_of_another_origin_is_refused(ask, origin):
    assert ask("/api/kernels", "POST", Cookie=KEPT, Origin=origin).code == 403


def test_our_own_page_and_a_browser_that_says_nothing_are_let_in(ask):
    assert text(ask("/x", Cookie=KEPT)) == "inside"
    for site in ("none", "same-origin"):
        assert text(ask("/x", Cookie=KEPT, Sec_Fetch_Site=site)) == "inside"
    own = f"http://127.0.0.1:{ask.port}"
    assert text(ask("/x", "POST", Cookie=KEPT, Origin=own)) == "inside"


def test_a_link_that_was_followed_from_elsewhere_can_be_opened_by_hand(ask):
    answer = ask('/?scenario="><script>', Cookie=KEPT, Sec_Fetch_Site="cross-site")
    link = re.search(r'<a href="([^"]*)"', text(answer))[1]
    assert link == "/?scenario=%22%3E%3Cscript%3E"
    assert text(ask(link, Cookie=KEPT, Sec_Fetch_Site="same-origin")) == "inside"


def test_every_answer_of_the_gate_has_the_headers(ask):
    for answer in (ask("/"), ask("/", Sec_Fetch_Site="cross-site"), ask(f"/?token={TOKEN}")):
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
