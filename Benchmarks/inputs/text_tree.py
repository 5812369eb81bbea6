"""The `files` input: 30,000 files in a tree like node_modules, filled with real source text."""

import json
import math
import os
import random
import shutil
import subprocess
from bisect import bisect
from collections import defaultdict
from itertools import accumulate
from pathlib import Path
from statistics import NormalDist

from static_program import static_program

RECIPE = [Path(__file__), Path(__file__).with_name("static_program.py")]

FILES = 30_000
DIRECTORIES = 7_763
TOTAL = 200_300_000
MEDIAN = 2_070  # of the texts; with the manifests of the packages, which are shorter, 1.8 KB
LARGEST = 303_000
_SEED = 20240101

# Where the text comes from, by extension: how often a package is written in it, and how it writes a comment.
_KINDS = {
    ".go": (0.50, b"// %s"),
    ".py": (0.42, b"# %s"),
    ".h": (0.08, b"/* %s */"),
    ".md": (0.0, b"<!-- %s -->"),
}
_LONGEST_SOURCE = 400_000  # longer ones are generated tables, not text that people write

_WORDS = (
    "acorn amber array async atlas base beam binary bind block bolt buffer byte cache call chain chalk chart cipher clone "
    "cloud code color core cross data date debug deep dom drift edge emit entry error event fast fetch field file find flow "
    "fold form frame glob graph grid guard hash head helper hook html http icon index inject input iter json kit lazy lens "
    "light line link list load lock log loop map mark mask match merge meta micro mime mini mock nano nest node noop object "
    "observe once open option pack parse patch path pipe plain plugin pool promise proxy pulse query queue range react read "
    "regex render request resolve ring route run safe scan schema scope seed select self shape shell shim sign simple slice "
    "slim socket sort source spark split stack state stream string strip style symbol sync table tag task text throttle "
    "tick time tiny token tool trace tree trim type union unit util valid value vector view walk watch wave weak web wire "
    "wrap yaml zone"
).split()
_INNER = ("lib", "dist", "src", "esm", "cjs", "types", "test", "internal", "utils", "helpers", "build", "locale")


def make(folder):
    """Writes the tree and an executable `run` beside it, so that it can be the folder of an application."""
    draw = random.Random(_SEED)
    directories, packages = _layout(draw)
    manifests = {path: _package_manifest(path, draw) for path in directories if path in packages}
    texts = FILES - 1 - len(manifests)
    program = static_program()
    sizes = _sizes(texts, TOTAL - len(program) - sum(map(len, manifests.values())))
    draw.shuffle(sizes)
    sources = _sources()

    folder.write("run", [program], executable=True)
    filled = iter(_spread(directories, packages, texts, draw))
    sizes = iter(sizes)
    kind, position = ".go", 0
    for path in directories:
        if path in manifests:
            folder.write(f"{path}/package.json", [manifests[path]])
            kind = draw.choices(list(_KINDS), [weight for weight, _ in _KINDS.values()])[0]
            position = draw.randrange(len(sources[kind]))
        for number in range(next(filled)):
            size = next(sizes)
            # Some files of a package follow each other in the source text too: they have words in common, as real ones do.
            if draw.random() < 0.6:
                position = draw.randrange(len(sources[kind]))
            readme = path in manifests and number == 0
            extension = ".md" if readme else kind
            start = draw.randrange(len(sources[".md"])) if readme else position
            text, end = _excerpt(sources[extension], start, size, _KINDS[extension][1], draw)
            if not readme:
                position = end
            name = "README" if readme else f"{draw.choice(_WORDS)}-{draw.choice(_WORDS)}{number}"
            folder.write(f"{path}/{name}{extension}", [text])


def _layout(draw):
    """The directories, parents first, and which of them are packages."""
    directories, packages, taken = [], set(), set()

    def add(path):
        directories.append(path)
        taken.add(path)

    def add_package(into, depth):
        name = f"{draw.choice(_WORDS)}-{draw.choice(_WORDS)}"
        if depth == 0 and draw.random() < 0.2:
            scope = f"{into}/@{draw.choice(_WORDS)}"
            if scope not in taken:
                add(scope)
            name = f"{scope.rpartition('/')[2]}/{name}"
        path = f"{into}/{name}"
        if path in taken:
            return
        add(path)
        packages.add(path)
        for inner in draw.sample(_INNER, draw.choice((0, 1, 1, 2, 2, 3))):
            add(f"{path}/{inner}")
            if draw.random() < 0.35:
                for deeper in draw.sample(_WORDS, draw.randrange(1, 5)):
                    add(f"{path}/{inner}/{deeper}")
        if depth < 4 and draw.random() < 0.15:
            add(f"{path}/node_modules")
            for _ in range(draw.randrange(1, 5)):
                add_package(f"{path}/node_modules", depth + 1)

    add("node_modules")
    while len(directories) < DIRECTORIES:
        add_package("node_modules", 0)
    kept = directories[:DIRECTORIES]
    return kept, packages.intersection(kept)


def _spread(directories, packages, files, draw):
    """How many texts each directory has: one where it would be empty, and the others unevenly."""
    parents = {path.rpartition("/")[0] for path in directories}
    counts = [0 if path in parents and path not in packages else 1 for path in directories]
    only_folders = ("node_modules", "@")
    weights = [
        0.0 if path.rpartition("/")[2].startswith(only_folders) else math.exp(1.2 * draw.gauss(0, 1)) for path in directories
    ]
    steps = list(accumulate(weights))
    for _ in range(files - sum(counts)):
        counts[bisect(steps, draw.random() * steps[-1])] += 1
    return counts


def _sizes(count, total):
    """`count` sizes, log-normal as in real trees: median and sum are given, the spread is found by halving."""
    normal = NormalDist()
    quantiles = [normal.inv_cdf((index + 0.5) / count) for index in range(count)]

    def at(spread):
        return [max(1, min(LARGEST, round(MEDIAN * math.exp(spread * quantile)))) for quantile in quantiles]

    low, high = 0.0, 4.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(at(middle)) < total else (low, middle)
    sizes = at(low)
    sizes[count // 2] += total - sum(sizes)
    return sizes


def _package_manifest(path, draw):
    name = path.rpartition("node_modules/")[2]
    version = f"{draw.randrange(9)}.{draw.randrange(30)}.{draw.randrange(20)}"
    fields = {
        "name": name,
        "version": version,
        "description": " ".join(draw.sample(_WORDS, 6)),
        "main": "./lib/index.js",
        "types": "./types/index.d.ts",
        "license": draw.choice(("MIT", "MIT", "ISC", "Apache-2.0", "BSD-3-Clause")),
        "repository": {"type": "git", "url": f"git+https://example.com/{name.strip('@')}.git"},
        "engines": {"node": f">={draw.choice((12, 14, 16, 18))}"},
        "dependencies": {f"{draw.choice(_WORDS)}-{draw.choice(_WORDS)}": f"^{version}" for _ in range(draw.randrange(6))},
    }
    return (json.dumps(fields, indent=2) + "\n").encode()


def _excerpt(source, start, size, comment, draw):
    """`size` bytes of `source` from the line at `start` on, with a comment of its own about every 2 KiB, and where it ended."""
    parts, left, position = [], size, source.find(b"\n", start) + 1
    while left > 0:
        if position >= len(source):
            position = 0
        end = source.find(b"\n", min(position + draw.randrange(1024, 3072), len(source) - 1)) + 1 or len(source)
        note = comment % f"{draw.getrandbits(32):08x}".encode() + b"\n"
        part = (source[position:end] + note)[:left]
        parts.append(part)
        left -= len(part)
        position = end
    return b"".join(parts)[:-1] + b"\n", position


def _sources():
    """All text of each kind on this machine, in the order of its paths."""
    found = defaultdict(list)
    for root, extensions in _roots():
        paths = []
        for folder, below, names in os.walk(root):
            below.sort()
            paths += [os.path.join(folder, name) for name in names if os.path.splitext(name)[1] in extensions]
        for path in sorted(paths):
            if os.path.islink(path) or os.path.getsize(path) > _LONGEST_SOURCE:
                continue
            with open(path, "rb") as file:
                content = file.read()
            if b"\0" not in content:
                found[os.path.splitext(path)[1]].append(content)
    sources = {kind: b"".join(found[kind]) for kind in _KINDS}
    for kind, source in sources.items():
        if len(source) < 1_000_000:
            raise SystemExit(f"make-inputs: less than 1 MB of `{kind}` files found for the `files` input")
    return sources


def _roots():
    if (go := shutil.which("go")) is None:
        raise SystemExit(
            "make-inputs: `go` is not in PATH; the `files` input takes text from its sources (apt-get install golang-go)"
        )
    goroot = subprocess.run([go, "env", "GOROOT"], capture_output=True, text=True, check=True).stdout.strip()
    yield os.path.realpath(os.path.join(goroot, "src")), (".go",)
    yield "/usr/lib/python3", (".py",)
    yield from ((str(path), (".py",)) for path in sorted(Path("/usr/lib").glob("python3.*")))
    yield "/usr/include", (".h",)
    yield "/usr/share/doc", (".md",)
