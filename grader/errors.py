"""What can go wrong on our side, and the exit code of each. A student's mistake is a verdict, not an exception."""


class GraderError(Exception):
    """Base of everything raised on purpose."""

    exit_code = 70


class UserError(GraderError):
    """The person at the keyboard can fix it; shown without a traceback."""

    exit_code = 2


class RubricError(UserError):
    """Rubric files are wrong; the message lists every problem, one located line each."""


class SandboxError(UserError):
    """A wall of the sandbox cannot be raised on this machine; the message names wall, cause and fix."""


class ForkServerError(GraderError):
    """A fork server died or stopped answering: our failure, never the student's; the job may be run again."""
