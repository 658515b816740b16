"""The parent process: forks workers, replaces one that dies, and passes on the signal to stop. It serves nothing."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Final

from intake.web import logs
from intake.web.server.worker import DRAIN_SECONDS

STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
RESTART_PAUSE: Final = 1.0
"""A worker that lived for less than these seconds is replaced only after as many more: one that cannot start must not
keep the processor busy."""


Work = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Chore:
    """What is done now and then in a process of its own, which ends with it: first so many seconds after the start."""

    work: Work
    first_after: float
    every: float


@dataclass(frozen=True, slots=True)
class Started:
    """A process that is alive: when it was started, and whether it serves."""

    at: float
    serves: bool


class WorkerProcesses:
    """The processes that each run `work`, as many as were asked for, and now and then one for the chore."""

    def __init__(self, work: Work, bound: socket.socket, count: int, chore: Chore | None = None) -> None:
        self.work = work
        self.bound = bound
        self.count = count
        self.chore = chore
        self.chore_at = time.monotonic() + chore.first_after if chore else 0.0
        self.started: dict[int, Started] = {}  # by process id
        self.stopping = False

    def run(self) -> None:
        """Keep the workers alive until told to stop, then wait until each has finished what it was doing."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._stop)
        gc.collect()
        gc.freeze()  # what stands at the fork is never looked through again, so that its pages stay shared
        while not self.stopping:
            while sum(one.serves for one in self.started.values()) < self.count and not self.stopping:
                self._start(self.work, serves=True)
            if self.chore and time.monotonic() >= self.chore_at and not self.stopping:
                self.chore_at = time.monotonic() + self.chore.every
                self._start(self.chore.work, serves=False)
            self._wait_for_one()
        self.bound.close()
        deadline = time.monotonic() + DRAIN_SECONDS + 5
        while self.started and time.monotonic() < deadline:
            self._signal_all(signal.SIGTERM)
            self._wait_for_one()
        self._signal_all(signal.SIGKILL)

    def _start(self, work: Work, *, serves: bool) -> None:
        # Signals are held back around the fork, so that one to stop never meets a child that cannot hear it yet.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        pid = os.fork()
        if pid == 0:
            self._run_child(work)
        self.started[pid] = Started(time.monotonic(), serves)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def _run_child(self, work: Work) -> None:
        """Be a worker, and end the process with it."""
        status = 1
        try:
            for number in STOP_SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
            work()
            status = 0
        except BaseException as error:  # noqa: BLE001 - a worker ends here, in one line
            logs.event("worker stopped", logging.CRITICAL, exception=logs.place_of(error))
        finally:
            with contextlib.suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)

    def _wait_for_one(self) -> None:
        """Wait a moment for a worker to end, and say so if it was not told to."""
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            self.started.clear()
            return
        if pid == 0:
            time.sleep(0.1)
            return
        ended = self.started.pop(pid, None)
        if ended is None or not ended.serves:
            return
        lived = time.monotonic() - ended.at
        if not self.stopping:
            logs.event("worker replaced", logging.WARNING, status=os.waitstatus_to_exitcode(status))
            if lived < RESTART_PAUSE:
                time.sleep(RESTART_PAUSE)

    def _signal_all(self, number: signal.Signals) -> None:
        for pid in self.started:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True
