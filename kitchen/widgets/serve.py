"""`kitchen serve`: a local web server for the page of all widgets, based on Voila.

The page makes no request to other machines: it is Voila's without its remote fonts, and a content
security policy makes the browser enforce that. A page can only send widget messages to its kernel:
Voila refuses to run code that comes from a browser.
"""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
from collections.abc import Callable
from contextlib import contextmanager
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from tempfile import gettempdir

from kitchen.errors import KitchenError, inline, shown

log = logging.getLogger("kitchen")

SCENARIO = "KITCHEN_SCENARIO"
"""Environment variable with the first scenario of the page."""

PAGES = Path(__file__).parent / "page_files"
HOST, PORT = "127.0.0.1", 8866
"""Default address."""

PORTS_TRIED = 50
"""Number of ports tried from `PORT` on."""

IDLE_S = 600
"""Seconds after which the kernel of a page without a browser is shut down."""

POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
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
    ready : callable
        Called with the page's address once it answers.

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
    if not all(map(find_spec, ("voila", "ipywidgets"))):
        raise ServeError("the page needs Voila. Install it with: pip install 'kitchen[notebook]'")
    listening = _listening(host, port)
    at, number = listening.getsockname()[:2]
    local = ip_address(at).is_loopback
    if not local:
        log.warning(
            "%s can be reached from other machines: anybody there can run simulations on this one.",
            inline(host),
        )
    with _environment({SCENARIO: chosen}):
        _run(listening, local, lambda: ready(_address(host, number)))


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


def _set(values: dict[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@contextmanager
def _unheard(*loggers: str):
    """Loggers say nothing in this context."""
    levels = {name: logging.getLogger(name).level for name in loggers}
    try:
        for name in levels:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def _run(listening: socket.socket, local: bool, ready: Callable[[], None]) -> None:
    import asyncio

    from ipykernel.kernelspec import RESOURCES
    from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpecManager
    from tornado.httpserver import HTTPServer
    from tornado.ioloop import IOLoop
    from tornado.web import HTTPError
    from traitlets.config import Config
    from voila.app import Voila
    from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler

    class ThisPython(KernelSpecManager):
        """Kernels of the Python that runs the server: others may have no kitchen."""

        def find_kernel_specs(self):
            return {NATIVE_KERNEL_NAME: RESOURCES}

    class Farewell(VoilaShutdownKernelHandler):
        """Shuts down the kernel of a closed page."""

        def check_xsrf_cookie(self):
            """Allow it: a browser that leaves sends no token, and the kernel's id is a secret."""

    class Page(Voila):
        """Voila on an open socket, with our template and a quick shutdown."""

        def init_handlers(self):
            return [
                (path, Farewell if handler is VoilaShutdownKernelHandler else handler, *more)
                for path, handler, *more in super().init_handlers()
            ]

        def setup_template_dirs(self):
            super().setup_template_dirs()
            self.template_paths.insert(0, str(PAGES / "template"))

        def listen(self):
            listening.setblocking(False)
            self.door = HTTPServer(self.app)
            self.door.add_socket(listening)
            self.ioloop = IOLoop.current()
            self.ioloop.add_callback(ready)
            signals = []

            def stop(number, _):
                signals.append(number)
                self.ioloop.add_callback_from_signal(self.ioloop.stop)

            before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
            try:
                if not signals:
                    self.ioloop.start()
            finally:
                self.stop()
                for each, handler in before.items():
                    signal.signal(each, handler)
            if signal.SIGINT in signals:
                raise KeyboardInterrupt

        def stop(self):
            self.door.stop()
            with _unheard("tornado.application", "tornado.access"):  # of pages that are being made
                self.ioloop.run_sync(self.end_kernels)
                super().stop()

        async def end_kernels(self):
            """Kill all kernels: a busy one would react to a request only after seconds."""
            for _ in range(100):
                try:
                    return await self.kernel_manager.shutdown_all(now=True)
                except HTTPError:  # one is only starting
                    await asyncio.sleep(0.05)

    config = Config()
    config.Page.update(
        log_level=logging.ERROR,
        open_browser=False,
        config_file_paths=[],  # a file in this folder is no part of the page
        tornado_settings={
            "headers": {"Content-Security-Policy": POLICY},
            "allow_remote_access": not local,  # or any site could lead its own name here
            "ws_ping_timeout": 30_000,  # ms; the default draws a warning from tornado
        },
    )
    config.VoilaConfiguration.update(
        kernel_spec_manager_class=ThisPython,
        allow_template_override="NO",
        allow_theme_override="NO",
        file_allowlist=[],
        extension_allowlist=[
            "@jupyter-widgets/jupyterlab-manager",
            "@voila-dashboards/widgets-manager8",
            "anywidget",
        ],
    )
    if os.name == "posix" and len(gettempdir()) < LONG_PATH:
        config.KernelManager.transport = "ipc"  # no ports that others on this machine could try
    config.VoilaExecutor.cell_error_instruction = FAILED
    config.MappingKernelManager.update(
        root_dir=os.getcwd(), cull_idle_timeout=IDLE_S, cull_interval=60
    )
    for name in ("tornado.access", "tornado.general"):  # requests that were refused
        logging.getLogger(name).setLevel(logging.ERROR)
    page = Page.instance(config=config, notebook_path=str(PAGES / "kitchen.ipynb"))
    try:
        page.initialize([])
        page.start()
    finally:
        Page.clear_instance()
