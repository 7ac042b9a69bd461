"""What of Voila's insides is overridden, in one place; a test fails first when Voila changes them."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ipykernel.kernelspec import RESOURCES
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpecManager
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import HTTPError
from traitlets import Int
from traitlets.config import Config
from voila.app import Voila
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.handler import TornadoVoilaHandler

from kitchen.widgets.gate import HEADERS, Gate, write_page

LOOKED_AT = ("0.5",)
"""Versions of Voila whose insides were read for this file."""

NEVER_MET_S, IDLE_S = 60, 600
"""Seconds after which a kernel ends to which no browser has ever connected, and one that a browser
has left without a word."""

CHECKED_EVERY_S = 10
"""Seconds from one look at the kernels to the next."""


class ThisPython(KernelSpecManager):
    """Kernels of the Python that runs the server: others may have no kitchen."""

    def find_kernel_specs(self):
        return {NATIVE_KERNEL_NAME: RESOURCES}


class Kernels(AsyncMappingKernelManager):
    """A limited number of kernels; those that nobody connects to end soon.

    Where there is no room for another, one that its browser has left goes first.
    """

    most = Int(config=True, help="Largest number of kernels.")

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self._starting = 0
        self._met: set[str] = set()

    async def start_kernel(self, **kwargs):
        self._starting += 1
        try:
            while len(self) + self._starting > self.most:
                left = self._left()
                if not left:
                    raise HTTPError(503)
                await self.shutdown_kernel(left[0], now=True)
            return await super().start_kernel(**kwargs)
        finally:
            self._starting -= 1

    def _left(self) -> list[str]:
        """Kernels that had a browser and have none, the longest left first."""
        alone = [own for own in self._met if own in self and not self._kernel_connections.get(own)]
        return sorted(alone, key=lambda own: self._kernels[own].last_activity)

    def notify_connect(self, kernel_id):
        self._met.add(kernel_id)
        super().notify_connect(kernel_id)

    def remove_kernel(self, kernel_id):
        self._met.discard(kernel_id)
        return super().remove_kernel(kernel_id)

    async def cull_kernel_if_idle(self, kernel_id):
        kernel = self._kernels[kernel_id]
        quiet = datetime.now(UTC) - kernel.last_activity
        idle = kernel.execution_state == "idle"
        if kernel_id not in self._met and idle and quiet > timedelta(seconds=NEVER_MET_S):
            await self.shutdown_kernel(kernel_id, now=True)
        else:
            await super().cull_kernel_if_idle(kernel_id)


class Farewell(VoilaShutdownKernelHandler):
    """Shuts down the kernel of a closed page."""

    def check_xsrf_cookie(self):
        """Allow it: a browser that leaves sends no such token, and the gate has let it in."""


class Visit(TornadoVoilaHandler):
    """Makes a page with a kernel of its own; where there are too many, one that says so."""

    def write_error(self, status_code, **kwargs):
        if status_code != 503:
            return super().write_error(status_code, **kwargs)
        most = self.kernel_manager.most
        write_page(
            self,
            503,
            "All tables are taken",
            f"At most {most:,} pages are open at once, as each has a kernel of its own. Close one and load "
            "this again, or start 'kitchen serve' with a larger --pages.",
        )


INSTEAD = {TornadoVoilaHandler: Visit, VoilaShutdownKernelHandler: Farewell}
"""Handlers of Voila -> ours."""


class Page(Voila):
    """Voila on an open socket, behind a gate, with our template and a quick shutdown."""

    def on(self, listening: socket.socket, token: str, pages: Path, ready: Callable[[], None]):
        """Where to listen, for whom, what to show, and whom to tell that it is open."""
        self.listening, self.token_of_gate, self.pages, self.ready = listening, token, pages, ready
        return self

    def init_handlers(self):
        return [
            (path, INSTEAD.get(handler, handler), *more)
            for path, handler, *more in super().init_handlers()
        ]

    def setup_template_dirs(self):
        super().setup_template_dirs()
        self.template_paths.insert(0, str(self.pages / "template"))

    def listen(self):
        self.listening.setblocking(False)
        port = self.listening.getsockname()[1]
        self.door = HTTPServer(Gate(self.app, self.token_of_gate, port))
        self.door.add_socket(self.listening)
        self.ioloop = IOLoop.current()
        self.ioloop.add_callback(self.ready)
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


def configuration(local: bool, most: int, fault: str, sockets: bool) -> Config:
    """Voila's configuration.

    Parameters
    ----------
    local : bool
        Whether only this machine can reach the page.
    most : int
        Largest number of kernels.
    fault : str
        What a page says whose kernel failed.
    sockets : bool
        Talk to kernels through sockets of the file system: no ports that others could try.
    """
    config = Config()
    config.Page.update(
        log_level=logging.ERROR,
        open_browser=False,
        config_file_paths=[],  # a file in this folder is no part of the page
        tornado_settings={
            "headers": HEADERS,
            "log_function": lambda handler: None,  # what went wrong is told elsewhere
            "allow_remote_access": not local,  # or any site could lead its own name here
            "ws_ping_timeout": 30_000,  # ms; the default draws a warning from tornado
        },
    )
    config.VoilaConfiguration.update(
        kernel_spec_manager_class=ThisPython,
        multi_kernel_manager_class=Kernels,
        allow_template_override="NO",
        allow_theme_override="NO",
        file_allowlist=[],
        extension_allowlist=[
            "@jupyter-widgets/jupyterlab-manager",
            "@voila-dashboards/widgets-manager8",
            "anywidget",
        ],
    )
    if sockets:
        config.KernelManager.transport = "ipc"
    config.VoilaExecutor.cell_error_instruction = fault
    config.Kernels.update(
        most=most,
        root_dir=os.getcwd(),
        cull_idle_timeout=IDLE_S,
        cull_interval=CHECKED_EVERY_S,
    )
    return config


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
