"""The host's side of the sandbox: fork servers, their confined children, and why one cannot be had."""

from grader.sandbox.child import Child, ChildEnded, ChildTimeout, ExitReport
from grader.sandbox.limits import JobLimits
from grader.sandbox.server import ForkServer, ServerInfo

__all__ = ["Child", "ChildEnded", "ChildTimeout", "ExitReport", "ForkServer", "JobLimits", "ServerInfo"]
