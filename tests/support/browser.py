"""JupyterLab, `kitchen serve` and Chromium for tests and measurements, all on this machine.

Nothing of the user's is read or written: settings, kernels' files and notebooks are in a folder of
the caller's. A `Watch` notes what goes wrong in a page, and what leaves the machine.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import nbformat

from .paths import ROOT

SCREENSHOTS = ROOT / "screenshots"
WIDTHS, TALL = (1280, 1920), 1400
TIMEOUT_S = 60

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


def missing() -> str | None:
    """Why there can be no browser here, if so."""
    needed = {"playwright": "playwright", "jupyterlab": "JupyterLab", "voila": "Voila"}
    for module, name in needed.items():
        if find_spec(module) is None:
            return f"{name} is not installed; pip install 'kitchensim[notebook,test]'"
    return None if CHROMIUM else "no Chromium was found; on Debian: apt install chromium"


@contextmanager
def chromium():
    """A browser without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def new_page(browser, width: int = WIDTHS[0], height: int = 900, scheme: str = "light"):
    """A page of a browser that has seen nothing, and its `Watch` as `page.watch`."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    context.set_default_timeout(TIMEOUT_S * 1000)
    page = context.new_page()
    page.watch = Watch(page)
    try:
        yield page
    finally:
        context.close()


class Watch:
    """What a page asked for and complained of, from now on.

    Attributes
    ----------
    complaints : list of str
        Errors on the console, faults that no script caught, and requests that failed.
    outside : list of str
        Addresses on other machines.
    """

    EXPECTED = re.compile(
        # A page that is left tells Voila so, and does not wait for the answer.
        r"/voila/api/shutdown/.*ERR_ABORTED"
        # Requests that are under way when a page is left.
        r"|net::ERR_ABORTED"
    )

    def __init__(self, page):
        self.complaints: list[str] = []
        self.outside: list[str] = []
        page.on("console", lambda said: said.type == "error" and self._note(said.text))
        page.on("pageerror", lambda error: self._note(f"not caught: {error}"))
        page.on("requestfailed", lambda asked: self._note(f"{asked.url}: {asked.failure}"))
        page.on("response", self._answered)
        page.on("request", lambda asked: self._asked(asked.url))
        page.on("websocket", lambda asked: self._asked(asked.url))

    def _note(self, text: str) -> None:
        if not self.EXPECTED.search(text):
            self.complaints.append(text)

    def _answered(self, response) -> None:
        if response.status >= 400:
            self._note(f"{response.status} {response.url}")

    def _asked(self, url: str) -> None:
        if not re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|(data|blob|about):", url):
            self.outside.append(url)

    def check(self) -> None:
        """Nothing went wrong, and nothing left this machine."""
        assert self.outside == []
        assert self.complaints == []


def screenshot(page, name: str, widths: tuple[int, ...] = WIDTHS) -> None:
    """Pictures of the page at each of the widths, in a folder that is not committed."""
    SCREENSHOTS.mkdir(exist_ok=True)
    before = page.viewport_size
    for width in widths:
        page.set_viewport_size({"width": width, "height": TALL})
        page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 150)))"
        )
        page.screenshot(path=SCREENSHOTS / f"{name}_{width}.png")
    page.set_viewport_size(before)


RUN = """async () => {
  const app = window.jupyterapp;
  await app.restored;
  while (!app.shell.currentWidget?.sessionContext) await new Promise(go => setTimeout(go, 50));
  const panel = app.shell.currentWidget;
  await panel.context.ready;
  await panel.sessionContext.ready;
  const prompts = () => [...panel.node.querySelectorAll(".jp-InputPrompt")];
  do {  // it does nothing while the notebook is still being put up
    app.commands.execute("notebook:run-all-cells");
    await new Promise(go => setTimeout(go, 500));
  } while (prompts().every(prompt => prompt.textContent.trim() === "[ ]:"));
}"""
DONE = """cells => {
  const prompts = [...document.querySelectorAll(".jp-Cell .jp-InputPrompt")];
  return prompts.filter(prompt => /\\d/.test(prompt.textContent)).length === cells;
}"""


# --- JupyterLab --------------------------------------------------------------------------------


class Lab:
    """A JupyterLab that runs.

    Attributes
    ----------
    address : str
        Without a slash at its end.
    token : str
    root : Path
        Where its notebooks are.
    """

    def __init__(self, address: str, token: str, root: Path):
        self.address, self.token, self.root = address, token, root


@contextmanager
def jupyterlab(folder: Path, package: Path = ROOT, theme: str = "JupyterLab Light"):
    """A JupyterLab whose files are all below `folder`; its kernels end with it, and import `package`."""
    root = folder / "notebooks"
    root.mkdir(parents=True)
    homes = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    for home in homes.values():
        (folder / home).mkdir()
    _write(
        folder / "config/labconfig/page_config.json",
        {
            "disabledExtensions": {
                "@jupyterlab/apputils-extension:announcements": True,  # asks what is new elsewhere
                "@jupyterlab/extensionmanager-extension": True,  # asks what there is elsewhere
            }
        },
    )
    _write(
        folder / "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings",
        {"windowingMode": "none"},  # or cells out of sight would not be there
    )
    _write(
        folder / "settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings",
        {"theme": theme},
    )
    token, port = secrets.token_hex(16), _free_port()
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": root,
        "IdentityProvider.token": token,
        "LabApp.expose_app_in_browser": True,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "FileContentsManager.delete_to_trash": False,
    }
    argv = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    argv += [f"--{name}={value}" for name, value in options.items()]
    own = {name: str(folder / home) for name, home in homes.items()}
    environment = {**_environment(package), **own}
    with (folder / "jupyterlab.log").open("w") as log, _process(argv, log, environment) as process:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/api?token={token}", process, folder / "jupyterlab.log")
        yield Lab(address, token, root)


def open_notebook(lab: Lab, page, cells: list[str], name: str = "test") -> None:
    """Write a notebook, open it in JupyterLab and run all of it; returns when it is done."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, lab.root / f"{name}.ipynb")
    page.goto(f"{lab.address}/doc/tree/{name}.ipynb?token={lab.token}&reset")
    page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()
    page.evaluate(RUN)
    page.wait_for_function(DONE, arg=len(cells))
    assert (
        page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']").count()
        == 0
    )


# --- kitchen serve -----------------------------------------------------------------------------


@contextmanager
def kitchen_serve(folder: Path, *argv: str, package: Path = ROOT, variables: dict | None = None):
    """The address, with its token, of a `kitchen serve` of `package` in `folder`, ended as by Ctrl-C.

    `variables` are further environment variables.
    """
    command = [sys.executable, "-m", "kitchen", "serve", *argv, "--port", "0", "--no-browser"]
    homes = {
        name: str(folder / "home")
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    }
    environment = {**_environment(package), **homes, **(variables or {})}
    with _process(command, subprocess.PIPE, environment, cwd=folder) as process:
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, f"kitchen serve said {line!r}"
        yield found[0]


def kernels(address: str, until: int | None = None) -> list:
    """Processes of the kernels of a server that runs here; waits until there are `until`."""
    import psutil

    port = urlsplit(address).port
    server = next(
        one for one in psutil.Process().children() for at in one.net_connections("tcp")
        if at.laddr.port == port and at.status == psutil.CONN_LISTEN
    )  # fmt: skip
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        found = [one for one in server.children() if one.is_running() and one.status() != "zombie"]
        if until is None or len(found) == until or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


# --- Shared ------------------------------------------------------------------------------------


def _write(path: Path, content: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def _environment(package: Path) -> dict[str, str]:
    """This process's, with the package where it can be imported from."""
    path = os.pathsep.join(filter(None, [str(package), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path}


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def _process(argv, output, environment, cwd=None):
    """A process of its own group, so that Ctrl-C is ours to send."""
    process = subprocess.Popen(
        argv,
        stdout=output,
        stderr=subprocess.STDOUT if output is not subprocess.PIPE else None,
        env=environment,
        cwd=cwd,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM if output is not subprocess.PIPE else signal.SIGINT)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _wait_for(address: str, process, log: Path) -> None:
    """Wait until it answers; show the output of the process if it does not."""
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        try:
            with urlopen(address, timeout=5):
                return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(log.read_text(encoding="utf-8")[-2000:]) from None
            time.sleep(0.1)
