"""`kitchen serve`: what it refuses, whom it lets in, and that it leaves nothing behind."""

import asyncio
import contextlib
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import psutil
import pytest
from support.paths import ROOT

from kitchen.cli import main
from kitchen.errors import KitchenError
from kitchen.widgets import serve

pytest.importorskip("voila", reason="Voila is not installed; pip install 'kitchensim[notebook]'")


pytestmark = pytest.mark.usefixtures("compiled")

PATIENCE_S = 300
"""More than any process takes, however busy the machine."""


@pytest.fixture
def refused(capsys, monkeypatch):
    """Run the command, which must not start anything; returns its one line."""

    def run(*argv):
        monkeypatch.setattr(serve, "_run", lambda *_: pytest.fail("it was started"))
        assert main.main(["serve", *map(str, argv)]) == 2
        out, err = capsys.readouterr()
        assert out == "" and err.startswith("kitchen: ") and err.count("\n") == 1
        return err.removeprefix("kitchen: ").rstrip()

    return run


@pytest.fixture
def taken():
    """A port of this machine that somebody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        yield one.getsockname()[1]


@pytest.fixture
def started(monkeypatch):
    """Call `serve` without a server; returns what the server would have been given."""

    def call(*args, **options):
        seen = {}

        def run(listening, local, token, pages, ready):
            seen.update(local=local, scenario=os.environ.get(serve.SCENARIO))
            ready()
            listening.close()

        monkeypatch.setattr(serve, "_run", run)
        serve.serve(*args, port=0, ready=lambda address: seen.update(address=address), **options)
        return seen

    return call


# Refusals


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["rus"], "scenario 'rus' is unknown. Did you mean 'rush'?"),
        (["gone.toml"], "gone.toml: there is no such file."),
        (["--port", "http"], "port: must be a whole number from 0 to 65535, got 'http'."),
        (["--port", "-1"], "port: must be a whole number from 0 to 65535, got -1."),
        (["--port", "65536"], "port: must be a whole number from 0 to 65535, got 65536."),
        (["--port", "88.5"], "port: must be a whole number from 0 to 65535, got 88.5."),
        (["--pages", "0"], "pages: must be a whole number of at least 1, got 0."),
        (["--pages", "many"], "pages: must be a whole number"),
        (["--pages", "1e9"], "pages: must be a whole number of at least 1 and at most 1,000, got"),
        (["--host", ""], "host: is empty."),
        (["--host", "not a host"], "host 'not a host': is no name or address of this machine."),
        (["--host", "203.0.113.7"], "host '203.0.113.7': is no name or address of this machine."),
        (["--host", "x" * 80 + ".y"], "is no name or address of this machine."),
        (["--open"], "unrecognized arguments: --open."),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_starts(refused, argv, told):
    assert told in refused(*argv)


def test_a_scenario_with_a_fault_is_refused_with_file_and_key(refused, tmp_path):
    (tmp_path / "mine.toml").write_text("name = 'mine'\ndecay = 'liner'\n", encoding="utf-8")
    assert refused(tmp_path / "mine.toml").startswith("mine.toml: decay: ")


def test_a_menu_that_is_not_there_is_refused(refused, tmp_path):
    text = (ROOT / "kitchen/model/scenarios/rush.toml").read_text(encoding="utf-8")
    text = text.replace("[orders]", '[orders]\nfile = "menu.json"')
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    assert refused(tmp_path / "mine.toml").endswith("menu.json: there is no such file.")


def test_without_voila_the_line_says_how_to_get_it(refused, monkeypatch):
    monkeypatch.setattr(serve, "find_spec", lambda name: None)
    assert refused() == "the page needs Voila. Install it with: pip install 'kitchensim[notebook]'"


def test_a_port_in_use_is_refused(refused, taken):
    assert refused("--port", taken).startswith(f"port {taken}: is in use.")


def test_without_a_port_the_first_free_one_is_taken(taken, monkeypatch):
    monkeypatch.setattr(serve, "PORT", taken)
    with serve._listening("127.0.0.1", None) as one:
        assert taken < one.getsockname()[1] < taken + serve.PORTS_TRIED
    monkeypatch.setattr(serve, "PORTS_TRIED", 1)
    with pytest.raises(KitchenError, match="all in use. Choose one with --port"):
        serve._listening("127.0.0.1", None)


# What the server is given


def test_the_page_hears_of_a_scenario_by_its_name_or_whole_path(started, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_bytes((ROOT / "kitchen/model/scenarios/steady.toml").read_bytes())
    assert started("rush")["scenario"] == "rush"
    assert started("mine.toml")["scenario"] == str(tmp_path / "mine.toml")
    assert serve.SCENARIO not in os.environ


def test_a_page_without_a_scenario_hears_of_none(started, monkeypatch):
    monkeypatch.setenv(serve.SCENARIO, "left over")
    assert started()["scenario"] is None
    assert os.environ[serve.SCENARIO] == "left over"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2"])
def test_this_machine_alone_is_no_reason_to_warn(started, caplog, host):
    seen = started(host=host)
    assert seen["local"] and re.fullmatch(
        rf"http://{host}:\d+/\?token=[\w-]{{32}}", seen["address"]
    )
    assert caplog.records == []


def test_a_host_that_others_reach_draws_one_warning(started, caplog):
    with caplog.at_level(logging.INFO, "kitchen"):
        seen = started(host="0.0.0.0")
    assert not seen["local"] and seen["address"].startswith("http://127.0.0.1:")
    assert [each.getMessage() for each in caplog.records] == [
        "0.0.0.0 can be reached from other machines: anybody there who has the address with its token can "
        "run simulations on this one."
    ]


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("::1", "http://[::1]:80/"),
        ("::", "http://[::1]:80/"),
        ("localhost", "http://localhost:80/"),
    ],
)
def test_addresses_are_as_a_browser_wants_them(host, address):
    assert serve._address(host, 80) == address


# As a process

POSIX = pytest.mark.skipif(os.name != "posix", reason="needs signals")


def process_of(*argv, code=None, cwd=None):
    how = ["-c", code] if code else ["-m", "kitchen"]
    return subprocess.Popen(
        [sys.executable, *how, "serve", "--port", "0", "--no-browser", *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def address_of(process):
    line = process.stdout.readline()
    found = re.fullmatch(
        r"The kitchen is open at (http://127\.0\.0\.1:\d+/\?token=[\w-]{32}) and .* Ctrl-C\.\n",
        line,
    )
    assert found, f"{line!r}, {process.poll()}"
    return found[1]


def status(address, cookie="", **headers):
    """The status of an answer, to a browser with that cookie."""
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    parts = urlsplit(address)
    asked = HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE_S)
    try:
        path = f"{parts.path or '/'}?{parts.query}".removesuffix("?")
        asked.request("GET", path, headers={"Cookie": cookie, **more})
        with asked.getresponse() as answer:
            return answer.status
    finally:
        asked.close()


def cookie_of(address):
    """What the gate gives a browser that comes with the token, without opening a page."""
    parts = urlsplit(address)
    asked = HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE_S)
    asked.request("GET", f"/?{parts.query}")
    answer = asked.getresponse()
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    given = answer.headers["Set-Cookie"]
    assert "HttpOnly" in given and "SameSite=Strict" in given
    answer.close()
    asked.close()
    return given.split(";")[0]


def page_of(address):
    """The page as a browser gets it, and its policy."""
    base = address.split("?")[0]
    asked = Request(base, headers={"Cookie": cookie_of(address)})
    with urlopen(asked, timeout=PATIENCE_S) as answer:
        return answer.read().decode(), answer.headers["Content-Security-Policy"]


def end(process, how=signal.SIGINT):
    """End it; returns its exit code, what more it said, and whether a child of it is left."""
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(how)
    out, err = process.communicate(timeout=PATIENCE_S)
    _, alive = psutil.wait_procs(children, timeout=PATIENCE_S)
    return process.returncode, out + err, bool(alive)


def kernels_of(process):
    """Processes of a server's kernels."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if "ipykernel" in " ".join(child.cmdline()):
                found.append(child)
    return found


def answers(address, kernel, code, origin, cookie):
    """Ask a kernel who it is and to run code, as JupyterLab would; the kinds of what comes back."""
    from tornado.httpclient import HTTPRequest
    from tornado.websocket import websocket_connect

    def message(kind, **content):
        header = {"msg_id": kind, "username": "", "session": "1", "date": "", "version": "5.3"}
        rest = {"parent_header": {}, "metadata": {}, "buffers": [], "channel": "shell"}
        return json.dumps({"header": {**header, "msg_type": kind}, "content": content, **rest})

    async def ask():
        url = f"{address.replace('http', 'ws')}api/kernels/{kernel}/channels?session_id=1"
        socket = await websocket_connect(
            HTTPRequest(url, headers={"Origin": origin, "Cookie": cookie})
        )
        await socket.write_message(message("kernel_info_request"))
        await socket.write_message(message("execute_request", code=code, silent=False))
        seen = set()
        with contextlib.suppress(TimeoutError):
            while answer := await asyncio.wait_for(
                socket.read_message(), 2.0 if "kernel_info_reply" in seen else PATIENCE_S
            ):
                seen.add(json.loads(answer)["header"]["msg_type"])
        socket.close()
        return seen

    return asyncio.run(ask())


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """The life of one server: a page is loaded, others knock, Ctrl-C; what was seen of it."""
    folder = tmp_path_factory.mktemp("served")
    process = process_of("rush", cwd=folder)
    try:
        address = address_of(process)
        cookie = cookie_of(address)
        page, policy = page_of(address)
        address = address.split("?")[0]
        kernels, port = kernels_of(process), urlsplit(address).port
        statuses = [
            status(address, cookie, Host="kitchen.example"),  # another's name that leads here
            status(address, cookie, Host=f"127.0.0.1.nip.io:{port}"),
            status(f"{address}voila/files/kitchen.ipynb", cookie),
        ]
        kernel = re.search(r'"kernelId": "([0-9a-f-]+)"', page)[1]
        told = answers(address, kernel, "open('here', 'w')", address.strip("/"), cookie)
        try:
            refusal = answers(address, kernel, "1", "http://kitchen.example", cookie)
        except Exception as error:
            refusal = str(error)
    finally:
        ended = end(process)
    return SimpleNamespace(
        page=page, policy=policy, kernels=kernels, statuses=statuses, told=told,
        refusal=refusal, ended=ended, left=list(folder.iterdir()),
    )  # fmt: skip


@POSIX
@pytest.mark.slow
def test_a_page_is_served_to_this_machine_and_asks_for_nothing_elsewhere(lived):
    assert lived.kernels
    assert "application/vnd.jupyter.widget-view+json" in lived.page
    assert re.findall(r"""(?:src|href)\s*=\s*["']?\s*(?:https?:)?//""", lived.page) == []
    assert "default-src 'self'" in lived.policy
    assert lived.statuses[:2] == [403, 403] and lived.statuses[2] in (403, 404)


@POSIX
@pytest.mark.slow
def test_nobody_runs_code_through_the_page(lived):
    assert "kernel_info_reply" in lived.told
    assert not {"execute_reply", "execute_input"} & lived.told
    assert "403" in lived.refusal  # what another site's script is told


@POSIX
@pytest.mark.slow
def test_ctrl_c_leaves_no_kernel_and_no_file(lived):
    assert lived.ended == (main.INTERRUPTED, "", False)
    assert lived.left == []


@POSIX
@pytest.mark.slow
def test_a_server_that_is_told_to_stop_ends_well():
    process = process_of()
    address_of(process)
    assert end(process, signal.SIGTERM) == (0, "", False)


@POSIX
@pytest.mark.slow
def test_ctrl_c_while_a_page_is_being_made_leaves_no_kernel():
    process = process_of()
    try:
        address = address_of(process)
        port, cookie = urlsplit(address).port, cookie_of(address)
        with socket.create_connection(("127.0.0.1", port)) as one:
            asked = f"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n"
            one.sendall(asked.encode())
            deadline = time.monotonic() + PATIENCE_S
            while not psutil.Process(process.pid).children() and time.monotonic() < deadline:
                time.sleep(0.01)
    finally:
        code, said, left = end(process)
    assert (code, said, left) == (main.INTERRUPTED, "", False)


SHORT = """
import sys
from kitchen.cli import main as cli
from kitchen.widgets import voila_inside
voila_inside.NEVER_MET_S, voila_inside.CHECKED_EVERY_S = 1, 1
sys.exit(cli.main(sys.argv[1:]))
"""


@POSIX
@pytest.mark.slow
def test_a_page_too_many_is_told_so_and_a_kernel_that_nobody_meets_ends():
    process = process_of("--pages", "1", code=SHORT)
    try:
        address = address_of(process)
        base, cookie = address.split("?")[0], cookie_of(address)
        with ThreadPoolExecutor(3) as pool:  # at once: the others have not even begun
            statuses = list(pool.map(lambda _: status(base, cookie), range(3)))
        assert sorted(statuses) == [200, 503, 503]
        deadline = time.monotonic() + PATIENCE_S
        while kernels_of(process) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert kernels_of(process) == []
        while (found := status(base, cookie)) == 503 and time.monotonic() < deadline:
            time.sleep(0.2)  # its process has ended, and the server is about to notice
        assert found == 200
    finally:
        assert end(process) == (main.INTERRUPTED, "", False)


@POSIX
@pytest.mark.slow
def test_who_has_no_token_starts_no_kernel():
    process = process_of()
    try:
        address = address_of(process)
        base = address.split("?")[0]
        assert [status(base), status(base, "kitchen=1"), status(f"{base}?token=x")] == [403] * 3
        for site in ("cross-site", "same-site"):  # what a browser says of an <img> of another page
            assert status(address, Sec_Fetch_Site=site) == 403
            assert status(base, cookie_of(address), Sec_Fetch_Site=site) == 403
        assert kernels_of(process) == []
    finally:
        assert end(process) == (main.INTERRUPTED, "", False)


BROKEN = """
import pathlib, shutil, sys
from kitchen.cli import main as cli
from kitchen.widgets import serve
pages = pathlib.Path("pages")
shutil.copytree(serve.PAGES, pages)
notebook = pages / "kitchen.ipynb"
notebook.write_text(notebook.read_text().replace("kt.widgets.page()", "1 / 0"))
serve.PAGES = pages.absolute()
sys.exit(cli.main(sys.argv[1:]))
"""


@POSIX
@pytest.mark.slow
def test_a_fault_is_told_on_the_page_in_words_and_in_full_where_the_server_runs(tmp_path):
    process = process_of(code=BROKEN, cwd=tmp_path)
    try:
        page, _ = page_of(address_of(process))
    finally:
        _, said, _ = end(process)
    assert "The page could not be shown. Load it again" in page
    assert "ZeroDivisionError" not in page and "Traceback" not in page
    assert "ZeroDivisionError" in said


def test_the_help_says_how_to_end_it(capsys):
    assert main.main(["serve", "--help"]) == 0
    assert "Ctrl-C" in " ".join(capsys.readouterr().out.split())
