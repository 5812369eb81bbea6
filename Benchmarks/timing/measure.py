"""One command: how long it took, what it cost, and what it needed."""

import os
import select
import signal
import subprocess
import time
from dataclasses import dataclass

# Linux counts the memory that a process has at its exec into its peak: after a vfork all of ours, after a fork, which copies no
# file mappings, half of it. The switch is documented (docs.python.org, subprocess § Disabling use of vfork()).
subprocess._USE_VFORK = False


@dataclass(frozen=True)
class Cost:
    wall: float  # seconds
    cpu: float  # seconds, user and system, of the whole process tree
    peak: float  # MB (1e6 bytes), resident, of the largest process in the tree


class Failure(Exception):
    """What to write into the table instead of numbers, on one line."""

    def __str__(self):
        return super().__str__().partition("\n")[0]


def measure(command, folder, environment, limit):
    """Runs a line of bash in `folder`, at most `limit` seconds long.

    - Raises: `Failure` if it ends with another status than 0, or not in time.
    """
    # bash, as Debian's sh has no `pipefail`: a tar that fails would be hidden by the gzip after it.
    shell = ["bash", "-e", "-o", "pipefail", "-c", command]
    with open(folder / "stderr.txt", "wb") as errors:
        begin = time.monotonic()
        process = subprocess.Popen(
            shell,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        status, usage, late = _wait(process, limit)
        wall = time.monotonic() - begin
    if late:
        raise Failure(f"not done after {limit:g} s")
    if status != 0:
        raise Failure(f"exit {status}: {_last_line(folder / 'stderr.txt')}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6)


def _wait(process, limit):
    """The exit status and resource usage of the process and all it waited for, and whether it had to be stopped."""
    # wait4 has no time limit, and a signal handler would race with the process's own end: a pidfd becomes readable at that end.
    end = os.pidfd_open(process.pid)
    try:
        poll = select.poll()
        poll.register(end, select.POLLIN)
        late = not poll.poll(limit * 1000)
    except BaseException:  # an interrupt: nothing may go on writing into a folder that is being removed
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    finally:
        os.close(end)
    if late:
        os.killpg(process.pid, signal.SIGKILL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage, late


def _last_line(path):
    lines = [line for line in path.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else "(it said nothing)"


def busy_seconds():
    """CPU seconds that this machine has spent on anything at all, or was denied by its host, since it started."""
    with open("/proc/stat") as stat:
        user, nice, system, _, _, irq, softirq, steal = map(int, stat.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
