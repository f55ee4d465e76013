"""How a child ends, and what its host sees of it: statuses, limits, output, and bytes that are no frames."""

from __future__ import annotations

import pytest

from grader.guest.protocol import ProtocolError
from grader.sandbox import ChildEnded, ChildTimeout, JobLimits
from tests.sandbox.conftest import LIMITS, ask, request


def end_of(stub_server, source, limits=LIMITS):
    """Return the exit report of a child that ends while it executes `source`."""
    with stub_server.fork(limits) as child:
        child.send(request(source))
        with pytest.raises(ChildEnded) as ended:
            child.receive(limit_s=5)
    return ended.value.exit


@pytest.mark.parametrize("code", [0, 3, 97])
def test_exit_code_is_seen(stub_server, code):
    report = end_of(stub_server, f"import os; os._exit({code})")
    assert (report.status, report.exit_code, report.ended_by_host) == (f"exited {code}", code, False)


@pytest.mark.parametrize(
    ("source", "number"), [("import os; os.abort()", 11), ("import ctypes; ctypes.string_at(0)", 11)]
)
def test_crash_is_a_signal(stub_server, source, number):
    # Process 1 of a namespace cannot be aborted: the C library falls through to an illegal instruction.
    report = end_of(stub_server, source)
    assert (report.status, report.signal) == (f"killed by signal {number}", number)


def test_machine_code_of_another_architecture_is_killed(stub_server):
    source = """
import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20; int 0x80; ret
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
"""
    assert end_of(stub_server, source).signal == 31


def test_uncaught_exit_of_the_driver_is_logged(stub_server):
    report = end_of(stub_server, "raise SystemExit(5)")
    assert report.exit_code == 70
    assert "SystemExit: 5" in report.log


def test_output_is_kept_in_order(stub_server):
    report = end_of(
        stub_server,
        "import os, sys; print('a'); print('b', file=sys.stderr); os.write(1, b'\\xff'); os._exit(0)",
    )
    assert report.log == "a\nb\n\ufffd"


def test_output_flood_is_cut(stub_server):
    source = "import os\nfor _ in range(800): os.write(1, b'x' * 65536)\nos._exit(0)"
    report = end_of(stub_server, source)
    assert (len(report.log), report.log_dropped_bytes) == (16384, 800 * 65536 - 16384)


def test_answer_over_its_limit_is_a_timeout(stub_server):
    with stub_server.fork(LIMITS) as child:
        child.send(request("import signal, time\nsignal.pthread_sigmask(0, range(1, 65))\ntime.sleep(1000)"))
        with pytest.raises(ChildTimeout) as timeout:
            child.receive(limit_s=0.2)
        report = child.end()
    assert not timeout.value.is_job_limit
    assert (report.status, report.timed_out) == ("killed by signal 9", True)
    assert report.wall_s < 2


def test_job_over_its_limit_is_a_timeout(stub_server):
    with stub_server.fork(JobLimits(job_s=0.3, memory_mb=256)) as child:
        child.send(request("while True: pass"))
        with pytest.raises(ChildTimeout) as timeout:
            child.receive(limit_s=5)
        assert child.end().timed_out
    assert timeout.value.is_job_limit


def test_limit_that_the_server_notices_first_is_a_timeout(stub_server):
    with stub_server.fork(JobLimits(job_s=0.3, memory_mb=256)) as child:
        child._job_deadline += 5
        child.send(request("while True: pass"))
        with pytest.raises(ChildTimeout) as timeout:
            child.receive(limit_s=5)
    assert timeout.value.is_job_limit


def test_child_that_never_reads_is_a_timeout(stub_server):
    with stub_server.fork(JobLimits(job_s=0.4, memory_mb=256)) as child:
        child.send(request("import time; time.sleep(1000)"))
        with pytest.raises(ChildTimeout):
            child.send(bytes(8 << 20))


def test_busy_computation_in_c_is_killed(stub_server):
    with stub_server.fork(LIMITS) as child:
        child.send(request("(1 << (1 << 30)) ** 9"))
        with pytest.raises(ChildTimeout):
            child.receive(limit_s=0.3)
        assert child.end().signal == 9


def test_closed_outbox_ends_the_child(stub_server):
    report = end_of(stub_server, "import os, time; os.close(outbox); time.sleep(1000)")
    assert report.ended_by_host


def test_child_that_stops_reading_is_noticed(stub_server):
    with stub_server.fork(LIMITS) as child:
        ask(child, "import os; os.close(inbox); os.dup2(0, inbox)")
        with pytest.raises(ChildEnded):
            child.send(bytes(8 << 20))


def test_end_without_an_answer_is_the_hosts_doing(stub_server):
    with stub_server.fork(LIMITS) as child:
        report = child.end()
    assert report.ended_by_host
    assert child.end() is report


@pytest.mark.parametrize(
    "data",
    [
        "b'\\xff' * 12",
        "(5).to_bytes(4, 'big') + bytes(8) + b'[1,2]'",
        "(3).to_bytes(4, 'big') + bytes(8) + b'NaN'",
    ],
    ids=["giant", "not an object", "not json"],
)
def test_forged_frame_is_a_protocol_error(stub_server, data):
    with stub_server.fork(LIMITS) as child:
        child.send(request(f"import os; os.write(outbox, {data}); os._exit(0)"))
        with pytest.raises(ProtocolError):
            child.receive(limit_s=5)


def test_frame_cut_short_is_an_end(stub_server):
    report = end_of(stub_server, "import os; os.write(outbox, bytes(7)); os._exit(0)")
    assert report.status == "exited 0"


def test_large_frames_go_both_ways(stub_server):
    with stub_server.fork(LIMITS) as child:
        size = 3 << 20
        source = f"from grader.guest import protocol; n = len({'x' * size!r}); "
        source += "import os; v = memoryview(protocol.pack({'kind': 'big'}, [bytes(n)]))\n"
        source += "while v: v = v[os.write(outbox, v):]"
        child.send(request(source))
        header, body = child.receive(limit_s=5)
    assert (header, len(body)) == ({"kind": "big"}, size)


def test_time_and_memory_are_measured(stub_server):
    source = "import time, os\nx = b'x' * (300 << 20)\nwhile time.process_time() < 0.2: pass\nos._exit(0)"
    report = end_of(stub_server, source)
    assert report.cpu_s > 0.1
    assert report.wall_s > 0.1
    assert report.max_rss_mb > 400
