"""`kitchen serve`: a local web server for the page of all widgets, based on Voila.

The page makes no request to other machines: it is Voila's without its remote fonts, and a content
security policy makes the browser enforce that. A page can only send widget messages to its kernel:
Voila refuses to run code that comes from a browser. Who is let in is decided in `gate`.
"""

from __future__ import annotations

import errno
import logging
import os
import secrets
import socket
import sys
from collections.abc import Callable
from contextlib import contextmanager
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from tempfile import gettempdir

from kitchen.errors import KitchenError, inline, shown
from kitchen.utils.validation import whole

log = logging.getLogger("kitchen")

SCENARIO = "KITCHEN_SCENARIO"
"""Environment variable with the first scenario of the page."""

PAGES = Path(__file__).parent / "page_files"
HOST, PORT = "127.0.0.1", 8866
"""Default address."""

PORTS_TRIED = 50
"""Number of ports tried from `PORT` on."""

MOST_PAGES = 8
"""Default of the largest number of pages that are open at once; each has a kernel of some 330 MB."""

SLOW_GRAMMAR = "rfc3987_syntax"
"""Module that jsonschema imports if it is there, to check addresses with letters of any script: there are
none here. Its grammar is built at import: the server began in 2.0 s with it, and does in 1.3 s without."""

LONG_PATH = 30
"""Longest temporary folder that leaves room for a socket's path of some 100 characters."""

FAILED = (
    "The page could not be shown. Load it again; if that does not help, the window in which "
    "'kitchen serve' runs tells what went wrong."
)


class ServeError(KitchenError):
    """The page cannot be served at the given host and port, or a package is missing."""


def serve(
    scenario: str | Path | None = None,
    *,
    host: str = HOST,
    port: int | None = None,
    pages: int = MOST_PAGES,
    ready: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve the page until the process is stopped; all kernels are shut down then.

    Parameters
    ----------
    scenario : str or path, optional
        The first scenario of the page: a shipped name or a TOML file.
    host : str
        A name or an address of this machine.
    port : int, optional
        0 for any free port; if left out, the first free one from 8866 on.
    pages : int
        Largest number of pages that are open at once.
    ready : callable
        Called with the page's address once it answers. The address carries a token, without which
        nobody is let in.

    Raises
    ------
    ServeError
        If Voila is missing, or this host and port cannot be listened on.
    ScenarioError, FileError
        If the scenario is invalid.
    KeyboardInterrupt
        After Ctrl-C and a complete shutdown.
    """
    chosen = _chosen(scenario)
    if find_spec("voila") is None:
        raise ServeError(
            "the page needs Voila. Install it with: pip install 'kitchensim[notebook]'"
        )
    whole("pages", pages, at_least=1, at_most=1000)
    listening, token = _listening(host, port), secrets.token_urlsafe(24)
    at, number = listening.getsockname()[:2]
    local = ip_address(at).is_loopback
    if not local:
        log.warning(
            "%s can be reached from other machines: anybody there who has the address with its token can "
            "run simulations on this one.",
            inline(host),
        )
    with _environment({SCENARIO: chosen}):
        address = f"{_address(host, number)}?token={token}"
        _run(listening, local, token, pages, lambda: ready(address))


def _chosen(scenario) -> str | None:
    """Name or absolute path of a scenario, validated, for the kernel of the page."""
    if scenario is None:
        return None
    from kitchen.engine.draw import menu_of
    from kitchen.model.scenario import Scenario

    menu_of(Scenario.load(scenario))
    if scenario in Scenario.shipped():
        return scenario
    return str(Path(scenario).absolute())


# --- Where to listen ---------------------------------------------------------------------------


def _listening(host: str, port: int | None) -> socket.socket:
    """Socket that listens on a host and port."""
    if port is not None and not (type(port) is int and 0 <= port <= 65_535):
        raise ServeError(f"port: must be a whole number from 0 to 65535, got {shown(port)}.")
    if not host.strip():
        raise ServeError("host: is empty. For this machine alone: 127.0.0.1.")
    try:
        family, *_, (host, *_) = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError):
        raise ServeError(_no_such(host)) from None
    for candidate in range(PORT, PORT + PORTS_TRIED) if port is None else [port]:
        try:
            return socket.create_server((host, candidate), family=family, backlog=128)
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise ServeError(_no_such(host)) from None
            if error.errno == errno.EACCES:
                raise ServeError(
                    f"port {candidate}: may not be used by this user. Choose one above 1023."
                ) from None
            if error.errno != errno.EADDRINUSE:
                raise ServeError(
                    f"{inline(host)}, port {candidate}: cannot be listened on: {os.strerror(error.errno)}."
                ) from None
    if port is not None:
        raise ServeError(f"port {port}: is in use. Leave --port out to take the first free one.")
    raise ServeError(
        f"ports {PORT} to {PORT + PORTS_TRIED - 1}: are all in use. Choose one with --port."
    )


def _no_such(host: str) -> str:
    return f"host {shown(host)}: is no name or address of this machine. Usual is {HOST}."


def _address(host: str, port: int) -> str:
    """Address of the page for a browser on this machine."""
    try:
        ip = ip_address(host)
    except ValueError:
        return f"http://{host}:{port}/"
    if ip.is_unspecified:
        host = "127.0.0.1" if ip.version == 4 else "::1"
    return f"http://[{host}]:{port}/" if ip.version == 6 else f"http://{host}:{port}/"


# --- Voila -------------------------------------------------------------------------------------


@contextmanager
def _environment(values: dict[str, str | None]):
    """Set environment variables, which kernels inherit; those that are None are removed."""
    before = {name: os.environ.get(name) for name in values}
    try:
        _set(values)
        yield
    finally:
        _set(before)


@contextmanager
def _without(module: str):
    """Within this context a module that was not imported yet cannot be imported."""
    absent = module not in sys.modules
    if absent:
        sys.modules[module] = None  # type: ignore[assignment] - how Python says that there is none
    try:
        yield
    finally:
        if absent:
            del sys.modules[module]


def _set(values: dict[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _run(
    listening: socket.socket, local: bool, token: str, pages: int, ready: Callable[[], None]
) -> None:
    with _without(SLOW_GRAMMAR):
        from kitchen.widgets.voila_inside import Page, configuration

    sockets = os.name == "posix" and len(gettempdir()) < LONG_PATH
    config = configuration(local, pages, FAILED, sockets)
    logging.getLogger("tornado.general").setLevel(logging.ERROR)  # requests that were refused
    page = Page.instance(config=config, notebook_path=str(PAGES / "kitchen.ipynb"))
    page.on(listening, token, PAGES, ready)
    try:
        page.initialize([])
        page.start()
    finally:
        Page.clear_instance()
