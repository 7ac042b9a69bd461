"""What is overridden of Voila is as it was when it was read: this fails first when Voila changes."""

# ruff: noqa: E402 - where Voila is not installed nothing of it can be imported

import inspect
import subprocess
import sys

import pytest

voila = pytest.importorskip(
    "voila", reason="Voila is not installed; pip install 'kitchensim[notebook]'"
)

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from voila.app import Voila
from voila.configuration import VoilaConfiguration
from voila.handler import VoilaHandler
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.voila_kernel_manager import voila_kernel_manager_factory

from kitchen.widgets import voila_inside

OVERRIDDEN = {
    Voila: {"init_handlers", "setup_template_dirs", "listen", "stop"},
    AsyncMappingKernelManager: {
        "start_kernel",
        "notify_connect",
        "remove_kernel",
        "cull_kernel_if_idle",
    },
    VoilaShutdownKernelHandler: {"check_xsrf_cookie"},
    TornadoVoilaHandler: {"write_error"},
}
OURS = (voila_inside.Page, voila_inside.Kernels, voila_inside.Farewell, voila_inside.Visit)


def test_this_version_was_looked_at():
    found = ".".join(voila.__version__.split(".")[:2])
    assert found in voila_inside.LOOKED_AT, (
        f"Voila {voila.__version__} is new: read what widgets/voila_inside.py overrides, then add {found!r}"
    )


@pytest.mark.parametrize(("theirs", "names"), OVERRIDDEN.items())
def test_what_is_overridden_is_still_there(theirs, names):
    ours = next(own for own in OURS if theirs in own.__mro__)
    assert {name for name in names if name in vars(ours)} == names
    for name in names:
        assert callable(getattr(theirs, name))


def test_a_page_is_made_by_one_handler_that_asks_the_kernel_manager():
    source = inspect.getsource(VoilaHandler.get_generator)
    assert "self.kernel_manager.start_kernel(" in source
    assert "QUERY_STRING" in source and "VOILA_REQUEST_URL" in source
    source = inspect.getsource(Voila.init_handlers)
    assert "TornadoVoilaHandler" in source and "VoilaShutdownKernelHandler" in source


def test_the_server_begins_to_listen_where_we_take_over():
    source = inspect.getsource(Voila.start)
    assert source.rstrip().endswith("self.listen()")
    assert "tornado.web.Application(" in source and "self.tornado_settings" in source


def test_the_kernel_manager_is_ours_to_choose():
    assert "multi_kernel_manager_class" in VoilaConfiguration.class_trait_names()
    assert "kernel_spec_manager_class" in VoilaConfiguration.class_trait_names()
    made = voila_kernel_manager_factory(voila_inside.Kernels, False, 0)
    assert issubclass(made, voila_inside.Kernels)


def test_whoever_is_connected_is_counted_where_we_look():
    source = inspect.getsource(AsyncMappingKernelManager.notify_connect)
    assert "self._kernel_connections[kernel_id]" in source


def test_the_server_begins_without_a_grammar_that_takes_longer_than_all_else():
    code = """
import sys
from kitchen.widgets import serve
with serve._without(serve.SLOW_GRAMMAR):
    import kitchen.widgets.voila_inside
print("jsonschema" in sys.modules, serve.SLOW_GRAMMAR in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
