"""The `large` input: five files of real machine code, 1.01 GB together."""

import hashlib
import itertools
import os
import shutil
import subprocess
from pathlib import Path

from static_program import static_program

RECIPE = [Path(__file__), Path(__file__).with_name("static_program.py")]

FILES = 5
FILE_SIZE = 202_100_000
_SMALLEST = 64 * 1024
_CHUNK = 1 << 20


def make(folder):
    """Deals the machine's programs and libraries, largest first, to the five files; the last of each is cut to fit."""
    piles = _deal(_programs())
    for number, pile in enumerate(piles, start=1):
        folder.write(f"bin/tool{number}", _cut(pile, FILE_SIZE), executable=True)
    folder.write("run", [static_program()], executable=True)


def _deal(programs):
    piles = [[] for _ in range(FILES)]
    sizes = [0] * FILES
    for program, size in programs:
        smallest = sizes.index(min(sizes))
        if sizes[smallest] >= FILE_SIZE:
            return piles
        piles[smallest].append(program)
        sizes[smallest] += size
    if min(sizes) < FILE_SIZE:
        found = sum(sizes) // 1_000_000
        raise SystemExit(
            f"make-inputs: only {found} MB of programs and libraries found for the `large` input, "
            f"and it takes {FILES * FILE_SIZE // 1_000_000} MB; a Swift toolchain in PATH brings most of it"
        )
    return piles


def _cut(pile, size):
    left = size
    for program in pile:
        with open(program, "rb") as file:
            while left > 0 and (chunk := file.read(min(_CHUNK, left))):
                left -= len(chunk)
                yield chunk


def _programs():
    """Programs and libraries with their sizes, largest first; each content once."""
    found = []
    for root in _roots():
        for folder, below, names in os.walk(root):
            below.sort()
            for name in names:
                path = os.path.join(folder, name)
                if os.path.islink(path) or not os.path.isfile(path):
                    continue
                size = os.path.getsize(path)
                if size >= _SMALLEST and _is_linked(path):
                    found.append((path, size))
    found.sort(key=lambda program: (-program[1], program[0]))
    for _, same_size in itertools.groupby(found, key=lambda program: program[1]):
        seen = set()
        for path, size in same_size:
            content = _digest(path)
            if content not in seen:
                seen.add(content)
                yield path, size


def _roots():
    roots = [Path("/usr/lib/x86_64-linux-gnu"), Path("/usr/bin")]
    if swift := shutil.which("swift"):
        roots.append(Path(swift).resolve().parents[1])
    if go := shutil.which("go"):
        roots.append(Path(subprocess.run([go, "env", "GOROOT"], capture_output=True, text=True, check=True).stdout.strip()))
    return sorted({root.resolve() for root in roots if root.is_dir()})


def _is_linked(path):
    """True for an executable or a shared object: ELF's e_type 2 or 3, in little-endian files of 64 bits."""
    with open(path, "rb") as file:
        start = file.read(18)
    return start[:6] == b"\x7fELF\x02\x01" and start[16:18] in (b"\x02\x00", b"\x03\x00")


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
