"""Looks into processes by way of /proc."""

from prize import attempt

w = attempt(
    own=lambda: open("/proc/self/status").read(),
    environ=lambda: open("/proc/1/environ", "rb").read(),
    maps=lambda: open("/proc/self/maps").read(),
    memory=lambda: open("/proc/1/mem", "rb").fileno(),
    grader=lambda: open("/proc/@PID@/cmdline").read(),
)
