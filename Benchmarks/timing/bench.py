"""Runs the tools in turn on one input and collects what they cost."""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from timing import tools
from timing.measure import Failure, busy_seconds, measure
from timing.report import Row

START_RUNS = 20
_SERVICE = Path(__file__).resolve().parents[1] / "inputs" / "service"


class Bench:
    """`options` are those of the command line; everything is written below `scratch` and removed again."""

    def __init__(self, options, scratch):
        self.options = options
        self.scratch = scratch
        self.versions = {}
        # What a program that needs nothing seems to need, as its peak begins with our own: no smaller one can be told.
        self.floor = self._once("true", self._environment("binary")).peak

    def compare(self, name):
        """The rows of one input, in the order of the table, and the part of the CPUs that other processes had meanwhile."""
        environment = self._environment(name)
        rows = [Row(tool) for tool in self._candidates(name)]
        others = available = 0.0
        for turn in range(-self.options.warm_ups, self.options.runs):
            for row in rows:
                if row.failure:
                    continue
                _progress(f"{name}: {row.tool.label}, " + ("warm-up" if turn < 0 else f"run {turn + 1}"))
                before = busy_seconds()
                try:
                    with self._folder(environment, row.tool.cleanup) as (work, own):
                        cost = measure(row.tool.command, work, own, self.options.limit)
                        spent = busy_seconds() - before
                        layers = row.tool.layers(work)
                except Failure as failure:
                    row.failure = str(failure)
                    continue
                if turn >= 0:
                    row.runs.append(cost)
                    row.outputs.append(layers)
                    others += max(0.0, spent - cost.cpu)
                    available += cost.wall * os.cpu_count()
        _progress("")
        return rows, others / available if available else 0.0

    def start_up(self):
        """The wall seconds of `coracle --version`: what every call pays before it does anything.

        - Raises: `Failure`.
        """
        return [self._once('"$CORACLE" --version', self._environment("binary")).wall for _ in range(START_RUNS)]

    def _candidates(self, name):
        """The tools to time on an input: those asked for, and present."""
        chosen = [tools.coracle(name, level) for level in self.options.levels]
        for tool in tools.peers(name, os.geteuid() != 0, self.options.buildah_driver):
            if tool.key not in self.options.tools:
                continue
            if missing := [program for program in tool.needs if shutil.which(program) is None]:
                print(f"{name}: without {tool.key}, as `{missing[0]}` is not in PATH")
            elif name in tool.not_for and not self.options.all:
                print(f"{name}: without {tool.key}, which takes long here (--all times it too)")
            else:
                chosen.append(tool)
        chosen = [tool for tool in chosen if tool.key in self.options.tools]
        for tool in chosen:
            if tool.key not in self.versions:
                self.versions[tool.key] = self._version(tool, name)
        return chosen

    def _version(self, tool, name):
        shell = ["bash", "-c", tool.version]
        told = subprocess.run(shell, env=self._environment(name), capture_output=True, text=True, timeout=60)
        return (told.stdout.strip().splitlines() or [f"{tool.key}: unknown"])[0]

    def _once(self, command, environment):
        with self._folder(environment) as (work, own):
            return measure(command, work, own, self.options.limit)

    @contextmanager
    def _folder(self, environment, cleanup=""):
        """An empty folder to run in and its environment; gone afterwards, with all that was written.

        HOME is there too: no tool finds a cache that an earlier run left, and none touches the user's.
        """
        with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
            work, home = Path(folder, "work"), Path(folder, "home")
            work.mkdir()
            home.mkdir()
            own = environment | {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache"), "TMPDIR": str(home)}
            try:
                yield work, own
            finally:
                if cleanup:
                    subprocess.run(["bash", "-c", cleanup], cwd=work, env=own, capture_output=True, timeout=300)

    def _environment(self, name):
        folder = self.options.into / name
        return {
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "CORACLE": str(self.options.coracle),
            "FOLDER": str(folder),
            "SOURCE": str(folder / "app") if name == "binary" else str(folder),
            "TARGET": "/ko-app/app" if name == "binary" else "/app",
            "SERVICE": str(_SERVICE),
        }


def _progress(text):
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
