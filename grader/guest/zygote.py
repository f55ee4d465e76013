"""The fork server's loop: one request on the control socket, one confined child, one report."""

from __future__ import annotations

import array
import errno
import gc
import json
import os
import select
import signal
import socket
import time
from collections.abc import Iterable
from typing import Any

from grader.guest import confine, libc, sweep, trial
from grader.guest.confine import Job, Walls
from grader.guest.libc import WallError, wall

_MAX_MESSAGE = 1 << 16
_NOT_CONFINED = 97
_MAX_FAILURE = 1000


class Zygote:
    """Forks one child at a time, waits for it, and reports its end."""

    def __init__(self, control: socket.socket, walls: Walls) -> None:
        self._control = control
        self._walls = walls
        self._own_pids = os.pidfd_open(os.getpid())
        self._has_processes_alone = "process namespace" not in walls.without
        self._has_files_alone = walls.mounts_scratch or walls.limits_threads
        if not self._has_processes_alone:
            libc.prctl(libc.PR_SET_CHILD_SUBREAPER, 1)

    def serve(self) -> None:
        """Serve requests until the host hangs up, then end the process; return in each child, confined."""
        while True:
            self.renew_network()
            message, fds = self._receive()
            if message["op"] != "fork":
                continue  # a kill that crossed the report of the child's own end
            job = Job(**message["job"], inbox=fds[0], outbox=fds[1], log=fds[2])
            failure, to_server = os.pipe()
            started = time.monotonic()
            try:
                pid = self._fork()
            except WallError as error:
                for fd in (*fds, to_server, failure):
                    os.close(fd)
                report = {"number": job.number, "failed": [error.wall, error.number, error.detail]}
            else:
                if pid == 0:
                    self._confine(job, to_server)
                    return
                report = self._supervise(pid, job, started, (*fds, to_server), failure)
            self._send(report)

    def renew_network(self) -> None:
        """Move to an empty network of its own, for the next child to be born in, while the host is busy elsewhere.

        Making one costs half as much as all other walls together, and nobody has to wait for it here.
        """
        if "network namespace" not in self._walls.without:
            with wall("network namespace"):
                libc.unshare(libc.CLONE_NEWNET)

    def try_walls(self, *, prove: bool) -> dict[str, Any]:
        """Fork one confined child that looks for gaps; return {"gaps": …, "ms": …}. Raises WallError."""
        walls, user = self._walls, os.getuid()
        result, outbox = os.pipe()
        failure, to_server = os.pipe()
        job = Job(0, 10.0, 512, 64, 32, inbox=self._walls.null, outbox=outbox, log=self._walls.null)
        started = time.monotonic()
        pid = self._fork()
        if pid == 0:
            spent = self._confine(job, to_server)
            gaps = trial.find_gaps(walls.scratch, user, walls.without, prove=prove)
            os.write(confine.OUTBOX, json.dumps({"gaps": gaps, "ms": spent}).encode())
            os._exit(0)
        report = self._supervise(pid, job, started, (outbox, to_server), failure)
        with open(result, "rb") as stream:
            text = stream.read()
        if "failed" in report:
            raise WallError(*report["failed"])
        if not text:
            raise WallError(
                "trial child", 0, f"ended with status {report['status']} before it could look around"
            )
        outcome: dict[str, Any] = json.loads(text)
        return outcome

    def _fork(self) -> int:
        if self._has_processes_alone:
            with wall("process namespace"):
                libc.unshare(libc.CLONE_NEWPID)
        with wall("new process"):
            pid = os.fork()
        if pid and self._has_processes_alone:
            # Back home, or the next unshare is refused: the one fork has used the new namespace up.
            with wall("process namespace"):
                libc.setns(self._own_pids, libc.CLONE_NEWPID)
        return pid

    def _confine(self, job: Job, failure: int) -> dict[str, float]:
        try:
            spent = confine.confine(job, self._walls, failure)
        except BaseException:
            os._exit(_NOT_CONFINED)
        self._control.detach()  # its number is another file's by now, not to be closed with this object
        gc.enable()
        return spent

    def _supervise(
        self, pid: int, job: Job, started: float, given_away: Iterable[int], failure: int
    ) -> dict[str, Any]:
        for fd in given_away:
            os.close(fd)
        process = os.pidfd_open(pid)
        poll = select.poll()
        poll.register(process, select.POLLIN)
        poll.register(self._control, select.POLLIN)
        timed_out = False
        while True:
            left_s = started + job.job_s - time.monotonic()
            ready = dict(poll.poll(max(0.0, 1e3 * left_s) + 1 if not timed_out else None))
            if process in ready:
                break
            if not ready:
                timed_out = True
                signal.pidfd_send_signal(process, signal.SIGKILL)
            elif self._receive()[0] == {"op": "kill", "number": job.number}:
                signal.pidfd_send_signal(process, signal.SIGKILL)
        _, status, usage = os.wait4(pid, 0)
        wall_s = time.monotonic() - started
        os.close(process)
        self._sweep()
        return {
            "number": job.number,
            "status": os.waitstatus_to_exitcode(status),
            "wall_s": wall_s,
            "cpu_s": usage.ru_utime + usage.ru_stime,
            "max_rss_mb": usage.ru_maxrss / 1024,
            "timed_out": timed_out,
            **_read_failure(failure),
        }

    def _sweep(self) -> None:
        """Take away what a child left, where no namespace does. Ends the server, and so its use, if it cannot."""
        try:
            if not self._has_processes_alone:
                sweep.kill_orphans()
            if not self._has_files_alone:
                sweep.empty(self._walls.scratch)
        except OSError:
            os._exit(1)

    def _receive(self) -> tuple[dict[str, Any], list[int]]:
        size = array.array("i").itemsize
        try:
            data, ancillary, _, _ = self._control.recvmsg(
                _MAX_MESSAGE, socket.CMSG_SPACE(3 * size), socket.MSG_CMSG_CLOEXEC
            )
        except ConnectionError:
            data, ancillary = b"", []
        if not data:
            os._exit(0)  # the host is gone, and with this process every process of its namespace
        fds = array.array("i")
        for _, _, part in ancillary:
            fds.frombytes(part[: len(part) - len(part) % size])
        message: dict[str, Any] = json.loads(data)
        return message, fds.tolist()

    def _send(self, message: dict[str, Any]) -> None:
        try:
            self._control.send(json.dumps(message).encode())
        except OSError as error:
            os._exit(0 if error.errno in (errno.EPIPE, errno.ECONNRESET) else 1)


def _read_failure(failure: int) -> dict[str, Any]:
    text = os.read(failure, _MAX_FAILURE).decode(errors="replace")
    os.close(failure)
    if not text:
        return {}
    name, number, detail = text.split("\n", 2)
    return {"failed": [name, int(number), detail]}
