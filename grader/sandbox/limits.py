"""What one job may use."""

from __future__ import annotations

from pydantic import Field

from grader.models.base import Model


class JobLimits(Model):
    """The limits of one child; the kernel and the fork server hold it to them, not its own code."""

    job_s: float = Field(gt=0, le=3600, allow_inf_nan=False, description="Wall time of the whole job.")
    memory_mb: int = Field(ge=64, le=65536, description="Address space on top of the fork server's own.")
    scratch_mb: int = Field(64, ge=1, le=1024, description="Size of the private scratch folder.")
    threads: int = Field(32, ge=1, le=1024, description="Threads at one time, the first included.")
