"""Executors that run the parts of a sweep: threads, processes, a Dask cluster.

A task is a function of this package, what it works on (the same for all parts), and the number of
parts. Parts are independent, so no result depends on which worker does which part, or when.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from kitchen.errors import KitchenError, shown, unknown
from kitchen.utils.system import thread_count

log = logging.getLogger("kitchen")

KINDS = ("threads", "processes", "serial")
STRIKES = 3
"""A part during which so many workers died is given up."""

SCHEMES = ("tcp", "tls", "ws", "wss")
ANSWERS_WITHIN_S, REACHED_WITHIN_S = 4, 5
"""After so long without an answer a cluster is said to be out of reach."""

Work = Callable[[Any, int], Any]


class ExecutorError(KitchenError):
    """Work cannot be handed out as it was asked for."""


class Workers(NamedTuple):
    """Whoever works.

    Attributes
    ----------
    each : callable
        ``each(work, task, parts, stop)``: an iterator of (part, result) as the parts are done, in
        any order. Only a few more parts than there are workers are in hand at once. What `work`
        raises ends it; `stop` is called first, to tell those who work here that they may leave.
    here : bool
        Whether they work in this process.
    """

    each: Callable[..., Iterator[tuple[int, Any]]]
    here: bool


@contextmanager
def workers(executor=None, number: int | None = None) -> Iterator[Workers]:
    """Whoever works, for the length of the block.

    Parameters
    ----------
    executor : {None, "threads", "processes", "serial"}, address, or dask.distributed.Client
        None is "threads". An address is that of a Dask scheduler: ``"tcp://host:8786"``.
    number : int, optional
        How many workers; one a processor if left out. A cluster has as many as it has.

    Yields
    ------
    Workers

    Raises
    ------
    ExecutorError
        If there is no such executor, the cluster does not answer, or workers keep dying.
    """
    if executor is None or executor in ("threads", "serial", "processes"):
        number = 1 if executor == "serial" else thread_count(number, "workers")
        if executor == "processes":
            yield Workers(partial(_in_processes, number=number), here=False)
        elif number == 1:
            yield Workers(_one_by_one, here=True)
        else:
            yield Workers(partial(_in_threads, number=number), here=True)
    elif isinstance(executor, str) and "://" not in executor:
        raise ExecutorError(
            f"{unknown('executor', executor, KINDS)} Or give the address of a Dask scheduler, "
            "as in tcp://127.0.0.1:8786."
        )
    else:
        with _client(executor) as client:
            yield Workers(partial(_on_cluster, client=client), here=False)


def _no_matter() -> None:
    """Nobody has to be told."""


def _one_by_one(work: Work, task, parts: Iterable[int], stop=_no_matter):
    for part in parts:
        yield part, work(task, part)


def _in_threads(work: Work, task, parts: Iterable[int], stop=_no_matter, *, number: int):
    with ThreadPoolExecutor(number) as pool:
        try:
            yield from _as_done(lambda part: pool.submit(work, task, part), iter(parts), number + 1)
        except BaseException:
            stop()
            raise


def _as_done(submit: Callable[[int], Future], parts: Iterator[int], most: int):
    """Results as they come, with at most so many parts in hand; the rest is dropped on a fault."""
    at_work: dict[Future, int] = {}
    try:
        while True:
            for part in parts:
                at_work[submit(part)] = part
                if len(at_work) >= most:
                    break
            if not at_work:
                return
            for future in wait(at_work, return_when=FIRST_COMPLETED).done:
                part = at_work.pop(future)
                yield part, future.result()
    finally:
        for future in at_work:
            future.cancel()


# Processes

_received: Any = None


def _receive(parcel: bytes) -> None:
    """Unpack what a worker process works on; it is sent once."""
    global _received
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _received = pickle.loads(parcel)


def _end_with_parent() -> None:
    """Leave no worker behind when the process that started it is killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _ready() -> bool:
    return True


def _work_received(part: int):
    work, task = _received
    return work(task, part)


def _in_processes(work: Work, task, parts: Iterable[int], stop=_no_matter, *, number: int):
    """A new pool takes over when a worker has died, until one part has seen too many deaths."""
    _refuse_without_main()
    parcel, parts = _packed((work, task)), list(parts)
    strikes: Counter[int] = Counter()
    while parts:
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(
            min(number, len(parts)), context, initializer=_receive, initargs=(parcel,)
        )
        in_hand: set[int] = set()

        def submit(part, pool=pool, in_hand=in_hand):
            in_hand.add(part)
            return pool.submit(_work_received, part)

        try:
            _wait_until_ready(pool)
            for part, result in _as_done(submit, iter(list(parts)), number + 1):
                parts.remove(part)
                in_hand.discard(part)
                yield part, result
        except BrokenProcessPool:
            strikes.update(in_hand)
            if max(strikes.values(), default=STRIKES) >= STRIKES:
                raise ExecutorError(
                    f"a worker process died {STRIKES} times at the same work: it was killed, or ran "
                    "out of memory. Ask for fewer replications a point or fewer workers; what is "
                    "done is kept where out= was given."
                ) from None
            log.warning("a worker process died; its work is done again.")
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _refuse_without_main() -> None:
    """A worker imports the main script anew, which a program from standard input is not."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    if file is not None and not os.path.exists(file):
        raise ExecutorError(
            f"worker processes cannot read {shown(file)} again. Put the program into a file, or use "
            'executor="threads".'
        )


def _wait_until_ready(pool: ProcessPoolExecutor) -> None:
    """Tell a pool that cannot start from one whose workers die at their work."""
    try:
        pool.submit(_ready).result()
    except BrokenProcessPool:
        raise ExecutorError(
            "worker processes cannot be started. A script needs if __name__ == '__main__': around "
            "what it does, since each worker imports it."
        ) from None


def _packed(what) -> bytes:
    """What travels to worker processes, in memory; functions of a notebook or script travel whole."""
    try:
        import cloudpickle as packer
    except ModuleNotFoundError:
        packer = pickle
        if homeless := _of_main(what):
            raise ExecutorError(
                f"{homeless}: is defined in a notebook or script, where worker processes do not find "
                "it. Put it into a module of its own and import it, or install what sends it along: "
                "pip install 'kitchen[dist]'"
            ) from None
    try:
        return packer.dumps(what)
    except Exception as error:  # whatever cannot be packed says so in its own way
        raise ExecutorError(
            f"the work cannot be sent to other processes: {shown(str(error))}. "
            'Use executor="threads".'
        ) from error


def _of_main(what) -> str | None:
    """A function that pickle would look for in the main module of the worker, where it is not."""
    found = []

    class Looking(pickle.Pickler):
        def reducer_override(self, obj):
            name = getattr(obj, "__qualname__", "")
            if callable(obj) and name and getattr(obj, "__module__", "") == "__main__":
                found.append(name)
                return str, ()
            if callable(obj) and ("<lambda>" in name or "<locals>" in name):
                found.append(name.replace("<locals>.", ""))
                return str, ()
            return NotImplemented

    from io import BytesIO

    Looking(BytesIO()).dump(what)
    return found[0] if found else None


# A cluster


@contextmanager
def _client(executor):
    """A client of a Dask scheduler: the given one, or one of our own for an address."""
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise ExecutorError(
            "a Dask cluster needs dask.distributed. Install it with: pip install 'kitchen[dist]'"
        ) from None
    if isinstance(executor, Client):
        yield executor
        return
    if not isinstance(executor, str):
        raise ExecutorError(
            f"executor: must be one of {', '.join(KINDS)}, the address of a Dask scheduler, or a "
            f"dask.distributed.Client, got {shown(executor)}."
        )
    _refuse_silence(executor)
    try:
        client = Client(executor, timeout=REACHED_WITHIN_S, set_as_default=False)
    except Exception as error:  # whatever answers there, it is no scheduler
        raise ExecutorError(_out_of_reach(executor, error)) from None
    with client:
        yield client


def _refuse_silence(address: str) -> None:
    """Say at once that nobody is there: Dask waits for a server of another kind without an end.

    A scheduler speaks first, so a few bytes are enough.
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


def _on_cluster(work: Work, task, parts: Iterable[int], stop=_no_matter, *, client):
    from distributed import as_completed
    from distributed.scheduler import KilledWorker

    if not client.nthreads():
        raise ExecutorError(
            f"the Dask scheduler at {client.scheduler.address} has no workers. "
            f"Start some with: dask worker {client.scheduler.address}"
        )
    most = 2 * sum(client.nthreads().values())
    sent = client.scatter(task, broadcast=True, hash=False)
    parts, at_work = iter(parts), {}
    done = as_completed(loop=client.loop)

    def more() -> None:
        for part in parts:
            future = client.submit(work, sent, part, pure=False, retries=STRIKES)
            at_work[future] = part
            done.add(future)
            if len(at_work) >= most:
                return

    try:
        more()
        for future in done:
            part = at_work.pop(future)
            try:
                result = future.result()
            except KilledWorker as error:
                raise ExecutorError(
                    "workers of the cluster keep dying at the same work: they were killed, or ran out "
                    f"of memory ({shown(str(error))}). What is done is kept where out= was given."
                ) from None
            yield part, result
            future.release()
            more()
    finally:
        client.cancel(list(at_work))
