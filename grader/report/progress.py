"""How far a run is: a live line with the time left on a terminal, else a plain line every few seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as LiveLine

from grader.models.result import Status
from grader.report.text import printable

PLAIN_EVERY_S = 5.0


class Progress:
    """Counts jobs and shows it. Methods may be called from any thread; `clock` is in seconds."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self.done = 0
        self.total = 0
        self._console = console
        self._clock = clock
        self._mutex = threading.Lock()
        self._started_at = self._shown_at = clock()
        self._stored = self._repeats = 0
        self._live: LiveLine | None = None
        self._task: TaskID | None = None

    def start(self, total_jobs: int, already_done: int) -> None:
        """Begin: `total_jobs` in all, of which `already_done` are stored from an earlier run."""
        with self._mutex:
            self.total, self.done, self._stored = total_jobs, already_done, already_done
            self._started_at = self._shown_at = self._clock()
            if already_done:
                self._print(f"resuming: {already_done} of {total_jobs} jobs are done already")
            if self._console.is_terminal and already_done < total_jobs:
                self._live = _live_line(self._console)
                self._task = self._live.add_task("", total=total_jobs, completed=already_done, left="")
                self._live.start()

    def job_done(self, submission: str, question: str, statuses: Iterable[Status]) -> None:
        """Count one finished job."""
        with self._mutex:
            self.done += 1
            self._repeats += Status.INTERNAL_ERROR in tuple(statuses)
            if self._live is not None and self._task is not None:
                name = f"{printable(submission, 24)} {printable(question, 12)}"
                self._live.update(self._task, completed=self.done, description=name, left=self._left())
            elif self._clock() - self._shown_at >= PLAIN_EVERY_S:
                self._shown_at = self._clock()
                self._print(f"{self.done} of {self.total} jobs{self._left()}")

    def note(self, text: str) -> None:
        """Say something in between, such as that the references are being computed."""
        with self._mutex:
            self._print(printable(text))

    def stop(self) -> None:
        """End the live line and say what was done. Does nothing the second time."""
        with self._mutex:
            if self._live is not None:
                self._live.stop()
                self._live = None
            if self._started_at >= 0 and self.total:
                wall_s = self._clock() - self._started_at
                run = self.done - self._stored
                self._print(f"{self.done} of {self.total} jobs done, {run} now, in {wall_s:.1f} s")
                if self._repeats:
                    self._print(f"{self._repeats} failed by the grader's own fault; run again to repeat them")
            self._started_at = -1.0

    def _left(self) -> str:
        """Time left, from the pace of this run; empty until three jobs were run."""
        run = self.done - self._stored
        if run < 3 or self.done >= self.total:
            return ""
        left_s = (self._clock() - self._started_at) / run * (self.total - self.done)
        return f", about {_duration(left_s)} left"

    def _print(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


def _live_line(console: Console) -> LiveLine:
    return LiveLine(
        TextColumn("grading"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}{task.fields[left]}", markup=False),
        console=console,
        transient=True,
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
