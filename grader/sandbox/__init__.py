"""The host's side of the sandbox: fork servers, their confined children, and why one cannot be had."""

from grader.sandbox.child import Child, ChildEnded, ChildTimeout, ExitReport
from grader.sandbox.launch import ServerInfo
from grader.sandbox.limits import JobLimits
from grader.sandbox.memory import MemoryFit, check_memory
from grader.sandbox.modes import SandboxMode
from grader.sandbox.server import ForkServer

__all__ = [
    "Child",
    "ChildEnded",
    "ChildTimeout",
    "ExitReport",
    "ForkServer",
    "JobLimits",
    "MemoryFit",
    "SandboxMode",
    "ServerInfo",
    "check_memory",
]
