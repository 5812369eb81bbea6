"""What readelf says of ELF files, one line a file: the judge of coracle's own reader.

Arguments: `--below FOLDER`, or packages that are installed. Lines: path, machine, loader, soname, needed, run path, versions needed, versions defined, what it does without; with tabs
between them, lists with commas and in the file's order.
"""

import os
import re
import subprocess
import sys


def facts(text):
    machine = re.search(r"Machine:\s+(.+)", text).group(1).strip()
    bits = re.search(r"Class:\s+ELF(\d+)", text).group(1)
    order = "little" if "little endian" in text else "big"
    loader = re.search(r"Requesting program interpreter: ([^\]]*)\]", text)
    soname = re.search(r"\(SONAME\)\s+Library soname: \[(.*)\]", text)
    needed = re.findall(r"\(NEEDED\)\s+Shared library: \[(.*)\]", text)
    paths = re.findall(r"\((?:RPATH|RUNPATH)\)\s+Library (?:rpath|runpath): \[(.*)\]", text)
    needs, defined, section, library = [], [], "", ""
    for line in text.splitlines():
        if line.startswith("Version needs section"):
            section = "needs"
        elif line.startswith("Version definition section"):
            section = "defined"
        elif line.startswith("Version symbols section") or not line.strip():
            section = ""
        elif section == "needs":
            if found := re.search(r"File: (\S+)\s+Cnt:", line):
                library = found.group(1)
            elif found := re.search(r"Name: (\S+)\s+Flags: (.*?)\s+Version:", line):
                needs.append(f"{library}:{found.group(1)}" + ("?" if "WEAK" in found.group(2) else ""))
        elif section == "defined":
            # "Parent" lines name what a version inherits from.
            if found := re.search(r"Rev: \d+\s+Flags: (.*?)\s+Index: \d+\s+Cnt: \d+\s+Name: (\S+)", line):
                if "BASE" not in found.group(1):
                    defined.append(found.group(2))
    stack = re.search(r"^  GNU_STACK\s+(?:0x\w+\s+){5}(.{3})", text, re.M)
    loads = re.findall(r"^  LOAD\s+(?:0x\w+\s+){5}(.{3})", text, re.M)
    is_dynamic = "Dynamic section at offset" in text
    weak = [
        ("stack", bool(loads) and (stack is None or "E" in stack.group(1))),
        ("code", any("W" in flags and "E" in flags for flags in loads)),
        ("relocations", is_dynamic and "GNU_RELRO" not in text),
        ("text", is_dynamic and "TEXTREL" in text),
    ]
    return [
        f"{machine} {bits} {order}",
        loader.group(1) if loader else "",
        soname.group(1) if soname else "",
        ",".join(needed),
        ",".join(paths),
        ",".join(needs),
        ",".join(defined),
        ",".join(name for name, is_so in weak if is_so),
    ]


def is_elf(path):
    try:
        with open(path, "rb") as file:
            return file.read(4) == b"\x7fELF"
    except OSError:
        return False


def candidates(arguments):
    if arguments[0] == "--below":
        for folder, _, names in os.walk(arguments[1]):
            yield from (os.path.join(folder, name) for name in names)
    else:
        # Of packages that are not installed it says so, and lists the others.
        run = subprocess.run(["dpkg", "-L", *arguments], capture_output=True, text=True)
        yield from run.stdout.splitlines()


def main(arguments):
    found = {path for path in candidates(arguments) if os.path.isfile(path) and not os.path.islink(path)}
    files = sorted(path for path in found if "/gconv/" not in path and is_elf(path))
    for start in range(0, len(files), 100):
        part = files[start : start + 100]
        # A second file, so that readelf says which one it speaks of.
        output = subprocess.run(
            ["readelf", "-W", "-h", "-l", "-d", "-V", *part, "/dev/null"],
            capture_output=True,
            env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
        ).stdout.decode("utf-8", "backslashreplace")
        texts = re.split(r"^File: (.*)$", output, flags=re.M)[1:]
        for path, text in zip(texts[::2], texts[1::2]):
            if path != "/dev/null":
                print("\t".join([path, *facts(text)]))


main(sys.argv[1:])
