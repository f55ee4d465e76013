"""Runs jobs side by side: a fork server a worker, every job on a server of its own while it lasts."""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Concatenate, ParamSpec, TypeVar

from grader.doctor.quick import check_walls
from grader.errors import ForkServerError, SandboxError
from grader.sandbox import ForkServer, SandboxMode

MAX_JOBS_PER_SERVER = 500
"""A server is replaced after so many children, before anything that a kernel keeps of them can add up."""

P = ParamSpec("P")
T = TypeVar("T")


class LocalPool:
    """`workers` threads and as many fork servers on this machine. Use as a context manager.

    Opening it starts the servers and raises SandboxError if a wall cannot be raised.
    """

    def __init__(self, workers: int, *, mode: SandboxMode = "namespaces") -> None:
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="job")
        self._idle: queue.SimpleQueue[ForkServer | None] = queue.SimpleQueue()
        self._servers: set[ForkServer] = set()
        self._is_closed = False
        self._mode = mode
        self.workers = workers
        try:
            for starting in [self._threads.submit(self._start) for _ in range(workers)]:
                self._idle.put(starting.result())
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> LocalPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(
        self, job: Callable[Concatenate[ForkServer, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Run `job(server, …)` on the next free server. A job that a dying server broke off is run once more."""
        return self._threads.submit(self._run, lambda server: job(server, *args, **kwargs))

    def close(self) -> None:
        """End every server; jobs that are under way end with ForkServerError."""
        self._is_closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for server in list(self._servers):
            server.close()
        self._threads.shutdown(wait=True)
        for server in list(self._servers):
            server.close()

    def _run(self, job: Callable[[ForkServer], T]) -> T:
        server = self._idle.get()
        try:
            try:
                server = self._fresh(server)
                return job(server)
            except ForkServerError:
                if self._is_closed:
                    raise
                server = self._replaced(server)
                return job(server)
        finally:
            self._idle.put(server)

    def _fresh(self, server: ForkServer | None) -> ForkServer:
        if server is None or not server.is_alive or server.jobs >= MAX_JOBS_PER_SERVER:
            return self._replaced(server)
        return server

    def _replaced(self, server: ForkServer | None) -> ForkServer:
        if server is not None:
            server.close()
            self._servers.discard(server)
        try:
            return self._start()
        except SandboxError:
            # The walls stood when the run began: a start that fails now was killed, perhaps for want of memory.
            return self._start()

    def _start(self) -> ForkServer:
        try:
            server = ForkServer.start(mode=self._mode)
        except OSError as error:
            raise SandboxError(
                f"sandbox: no fork server could be started: {error.strerror or error}\n"
                "  Free space for temporary files and memory, or end other programs; finished jobs are kept."
            ) from None
        self._servers.add(server)
        if self._is_closed:
            server.close()
        else:
            check_walls(server)
        return server
