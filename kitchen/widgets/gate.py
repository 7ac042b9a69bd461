"""The gate of the served page: who is let in, before any other code of the server sees a request.

On this machine every user and every web page can send requests to the port that is listened on. So the
address carries a token, which a first visit changes for a cookie that scripts cannot read, and a browser
that tells from where it was sent here (`Sec-Fetch-Site`, `Origin`) is believed.
"""

from __future__ import annotations

import hmac
from html import escape
from urllib.parse import parse_qsl, urlencode

from tornado.httputil import HTTPServerRequest
from tornado.routing import Router
from tornado.web import Application, RequestHandler

TOKEN = "token"
"""Name of the token in the address."""

OURS = ("", "none", "same-origin")
"""What a browser says of a request that no other page has sent; older ones say nothing."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every answer."""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 17px/1.5 system-ui, sans-serif; max-width: 38em; margin: 12vh auto; padding: 0 20px }}
</style></head>
<body><main><h1>{title}</h1><p>{text}</p>{more}</main></body>
</html>
"""


class Gate(Router):
    """Lets requests through to an application, or answers them itself.

    Parameters
    ----------
    app : tornado.web.Application
    token : str
        What the address of the page carries.
    port : int
        Names the cookie: a browser shares cookies among the ports of a machine.
    """

    def __init__(self, app: Application, token: str, port: int):
        self._app, self._token = app, token
        self._cookie = f"kitchen_{port}"

    def find_handler(self, request: HTTPServerRequest, **kwargs):
        site = request.headers.get("Sec-Fetch-Site", "")
        origin = request.headers.get("Origin")
        if site not in OURS or origin not in (None, f"{request.protocol}://{request.host}"):
            return self._instead(request, _Stranger)
        given = request.arguments.get(TOKEN, [b""])[-1]
        if given and self._is_token(given):
            cookie = {"name": self._cookie, "value": self._token}
            return self._instead(request, _Welcome, cookie=cookie)
        kept = request.cookies.get(self._cookie)
        if kept is None or not self._is_token(kept.value.encode()):
            return self._instead(request, _Locked)
        return self._app.find_handler(request, **kwargs)

    def _is_token(self, given: bytes) -> bool:
        return hmac.compare_digest(given, self._token.encode())

    def _instead(self, request, handler: type[RequestHandler], **kwargs):
        return self._app.get_handler_delegate(request, handler, kwargs)


def write_page(handler: RequestHandler, status: int, title: str, text: str, more: str = "") -> None:
    """Answer with a page of a few words; `more` is HTML."""
    handler.set_status(status)
    handler.set_header("Content-Type", "text/html; charset=utf-8")
    handler.set_header("Cache-Control", "no-store")
    handler.finish(PAGE.format(title=escape(title), text=escape(text), more=more))


def without_token(request: HTTPServerRequest) -> str:
    """Path and query of a request, without the token."""
    kept = parse_qsl(request.query, keep_blank_values=True)
    query = urlencode([(name, value) for name, value in kept if name != TOKEN])
    path = "/" + request.path.lstrip("/")  # or "//elsewhere" would lead to another machine
    return f"{path}?{query}" if query else path


class _Answer(RequestHandler):
    """Answers all methods alike, before anything else happens."""

    def set_default_headers(self):
        for name, value in HEADERS.items():
            self.set_header(name, value)

    def prepare(self):
        self.answer()

    def answer(self):
        raise NotImplementedError

    def compute_etag(self):
        return None


class _Welcome(_Answer):
    """Keeps the token in a cookie, and takes it out of the address."""

    def initialize(self, cookie: dict[str, str]):
        self._given = cookie

    def answer(self):
        self.set_cookie(**self._given, httponly=True, samesite="Strict", path="/")
        self.redirect(without_token(self.request), status=303)


class _Locked(_Answer):
    """There is no token."""

    def answer(self):
        write_page(
            self,
            403,
            "This kitchen is locked",
            "Open it with the whole address that 'kitchen serve' prints, the token included.",
        )


class _Stranger(_Answer):
    """Another page has sent this request; whoever follows the link in the answer wants to come."""

    def answer(self):
        again = escape(without_token(self.request), quote=True)
        write_page(
            self,
            403,
            "Another page has led here",
            "Only you can open the kitchen, no page in your place.",
            f'<p><a href="{again}">Open the kitchen</a></p>',
        )
