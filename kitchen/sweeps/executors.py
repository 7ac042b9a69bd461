"""Executors that run the parts of a sweep: threads, processes, a Dask cluster, or any other.

A part is a number. A task is what all parts work on, and the same for all of them. Parts are
independent, so no result depends on which worker runs which part, or when.
"""

from __future__ import annotations

import logging
import os
import pickle
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from typing import Any, NamedTuple

from kitchen.errors import KitchenError, shown, unknown
from kitchen.utils.system import thread_count

log = logging.getLogger("kitchen")

KINDS = ("threads", "processes", "serial")
"""The executors that go by a name."""

MOST_DEATHS = 3
"""Number of worker deaths during a part after which the sweep is given up."""

SUBMITTED_AT_ONCE = 256
"""Number of parts submitted at once to an executor whose number of workers is unknown."""

SCHEMES = ("tcp", "tls", "ws", "wss")
"""Kinds of address that a Dask scheduler can have."""

ANSWERS_WITHIN_S, REACHED_WITHIN_S = 4, 5
"""Seconds to wait for the first bytes of a scheduler, and for Dask's own greeting."""

Work = Callable[[Any, int], Any]
"""A function of a task and a part; returns the result of the part."""


class ExecutorError(KitchenError):
    """The executor is unknown, out of reach, or its workers keep dying."""


class PartExecutor(NamedTuple):
    """An executor, prepared to run the parts of a task.

    Attributes
    ----------
    run : callable
        ``run(work, task, parts, stop)``: an iterator of (part, result) as parts are finished, in
        any order. Only a few more parts than there are workers are submitted at once. An exception
        in `work` ends it; `stop` is called first, so that parts running in this process can end.
    in_process : bool
        Whether the parts run in this process.
    """

    run: Callable[..., Iterator[tuple[int, Any]]]
    in_process: bool


@contextmanager
def part_executor(executor=None, workers: int | None = None) -> Iterator[PartExecutor]:
    """Context manager that opens an executor by its name, its address, or as an object.

    Parameters
    ----------
    executor : {None, "threads", "processes", "serial"}, address, or Executor
        None is "threads". An address is that of a Dask scheduler: ``"tcp://host:8786"``. Also a
        ``dask.distributed.Client`` or any ``concurrent.futures.Executor`` (of loky, mpi4py and so
        on); these stay open.
    workers : int, optional
        Number of workers; one a processor if left out. A cluster has as many as it has. With an
        executor object, twice as many parts are submitted at once.

    Yields
    ------
    PartExecutor

    Raises
    ------
    ExecutorError
        If there is no such executor, the cluster does not answer, or workers keep dying.
    """
    if executor is None or (isinstance(executor, str) and executor in KINDS):
        number = 1 if executor == "serial" else thread_count(workers, "workers")
        if executor == "processes":
            yield PartExecutor(partial(_in_processes, number=number), in_process=False)
        elif number == 1:
            yield PartExecutor(_one_by_one, in_process=True)
        else:
            yield PartExecutor(partial(_in_threads, number=number), in_process=True)
    elif isinstance(executor, Executor):
        most = SUBMITTED_AT_ONCE if workers is None else 2 * thread_count(workers, "workers")
        yield PartExecutor(partial(_on_executor, executor=executor, most=most), in_process=False)
    elif isinstance(executor, str) and "://" not in executor:
        raise ExecutorError(
            f"{unknown('executor', executor, KINDS)} Or give the address of a Dask scheduler, "
            "as in tcp://127.0.0.1:8786."
        )
    else:
        with _client(executor) as client:
            yield PartExecutor(partial(_on_cluster, client=client), in_process=False)


def _do_nothing() -> None:
    """The default of `stop`."""


def _one_by_one(work: Work, task, parts: Iterable[int], stop=_do_nothing):
    for part in parts:
        yield part, work(task, part)


def _in_threads(work: Work, task, parts: Iterable[int], stop=_do_nothing, *, number: int):
    with ThreadPoolExecutor(number) as pool:
        try:
            yield from _as_done(lambda part: pool.submit(work, task, part), iter(parts), number + 1)
        except BaseException:
            stop()
            raise


def _as_done(submit: Callable[[int], Future], parts: Iterator[int], most: int):
    """Results as parts finish, with at most so many submitted; on an exception the rest is cancelled."""
    running: dict[Future, int] = {}
    try:
        while True:
            for part in parts:
                running[submit(part)] = part
                if len(running) >= most:
                    break
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                part = running.pop(future)
                yield part, future.result()
    finally:
        for future in running:
            future.cancel()


# Work that leaves this process


def _packed(what) -> bytes:
    """Work and task as bytes; functions of a notebook or script are packed by value."""
    import cloudpickle

    try:
        return cloudpickle.dumps(what)
    except Exception as error:  # each object that cannot be pickled has its own exception
        raise ExecutorError(
            f"the work cannot be sent to other processes: {shown(str(error))}. "
            'Use executor="threads".'
        ) from error


_unpacked = lru_cache(maxsize=1)(pickle.loads)
"""The work and task of some bytes, which a worker unpacks once and not for every part."""


def _run_packed(parcel: bytes, part: int):
    work, task = _unpacked(parcel)
    return work(task, part)


def _on_executor(
    work: Work, task, parts: Iterable[int], stop=_do_nothing, *, executor: Executor, most: int
):
    parcel = _packed((work, task))
    try:
        yield from _as_done(
            lambda part: executor.submit(_run_packed, parcel, part), iter(parts), most
        )
    except BrokenExecutor as error:
        raise ExecutorError(
            f"the executor lost a worker: {shown(str(error))}. What is done is kept where out= was "
            "given: run the same again with a new executor."
        ) from None


# Processes of this machine


def _in_processes(work: Work, task, parts: Iterable[int], stop=_do_nothing, *, number: int):
    """A new pool takes over when a worker has died, until one part has seen too many deaths."""
    from loky import ProcessPoolExecutor

    parcel, parts = _packed((work, task)), list(parts)
    deaths: Counter[int] = Counter()
    while parts:
        pool = ProcessPoolExecutor(
            min(number, len(parts)), initializer=_end_with, initargs=(os.getpid(),)
        )
        submitted: set[int] = set()

        def submit(part, pool=pool, submitted=submitted):
            submitted.add(part)
            return pool.submit(_run_packed, parcel, part)

        try:
            for part, result in _as_done(submit, iter(list(parts)), number + 1):
                parts.remove(part)
                submitted.discard(part)
                yield part, result
        except BrokenExecutor:
            deaths.update(submitted)
            if max(deaths.values(), default=MOST_DEATHS) >= MOST_DEATHS:
                raise ExecutorError(
                    f"a worker process died {MOST_DEATHS} times at the same work: it was killed, or "
                    "ran out of memory. Ask for fewer replications a point or fewer workers; what is "
                    "done is kept where out= was given."
                ) from None
            log.warning("a worker process died; its work is done again.")
        finally:
            pool.shutdown(wait=True)


def _end_with(pid: int) -> None:
    """End this worker when the process that started it has ended, even if that was killed."""

    def watch() -> None:
        import psutil

        with suppress(psutil.NoSuchProcess):
            psutil.Process(pid).wait()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


# A cluster


@contextmanager
def _client(executor):
    """A client of a Dask scheduler: the given one, or a new one for an address."""
    if not isinstance(executor, str):
        if isinstance(executor, getattr(sys.modules.get("distributed"), "Client", ())):
            yield executor
            return
        raise ExecutorError(
            f"executor: must be one of {', '.join(KINDS)}, the address of a Dask scheduler, a "
            f"dask.distributed.Client, or a concurrent.futures.Executor, got {shown(executor)}."
        )
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise ExecutorError(
            "a Dask cluster needs dask.distributed. Install it with: pip install 'kitchensim[dist]'"
        ) from None
    _refuse_silence(executor)
    try:
        client = Client(executor, timeout=REACHED_WITHIN_S, set_as_default=False)
    except Exception as error:  # some server answers there, and it is no scheduler
        raise ExecutorError(_out_of_reach(executor, error)) from None
    with client:
        yield client


def _refuse_silence(address: str) -> None:
    """Refuse an address where no scheduler answers, as Dask would wait for another server forever.

    A scheduler sends the first bytes, so a few of them are enough.
    """
    scheme, _, place = address.partition("://")
    host, _, port = place.rpartition(":")
    if scheme not in SCHEMES:
        raise ExecutorError(
            f"executor: {unknown('kind of address', scheme, SCHEMES)} As in tcp://127.0.0.1:8786."
        )
    if scheme != "tcp":
        return
    if not port.isdecimal():
        raise ExecutorError(
            f"executor: the address {shown(address)} has no port. As in tcp://127.0.0.1:8786."
        )
    try:
        with socket.create_connection((host.strip("[]"), int(port)), ANSWERS_WITHIN_S) as line:
            if not line.recv(16):
                raise ConnectionError("it hung up")
    except (OSError, OverflowError) as error:
        raise ExecutorError(_out_of_reach(address, error)) from None


def _out_of_reach(address: str, error: Exception) -> str:
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return (
        f"no Dask scheduler answers at {shown(address)}: {' '.join(reason.split())[:120]}. "
        "Start one with: dask scheduler"
    )


def _on_cluster(work: Work, task, parts: Iterable[int], stop=_do_nothing, *, client):
    from distributed.scheduler import KilledWorker

    workers = sum(client.nthreads().values())
    if not workers:
        raise ExecutorError(
            f"the Dask scheduler at {client.scheduler.address} has no workers. "
            f"Start some with: dask worker {client.scheduler.address}"
        )
    executor = client.get_executor(pure=False, retries=MOST_DEATHS)
    try:
        yield from _on_executor(work, task, parts, stop, executor=executor, most=2 * workers)
    except KilledWorker as error:
        raise ExecutorError(
            "workers of the cluster keep dying at the same work: they were killed, or ran out "
            f"of memory ({shown(str(error))}). What is done is kept where out= was given."
        ) from None
