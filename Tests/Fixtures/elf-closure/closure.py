"""Says what programs and libraries in images need and do not find, as readelf and ld.so(8) have it.

usage: closure.py [--without NAME] LAYOUT...

Prints a line for each loader, library and symbol version that is missing, and at the end how much was looked at.
"""
import json
import os
import posixpath
import re
import subprocess
import sys
import tarfile
import tempfile

TRIPLETS = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}
layers = {}


def blob(layout, digest):
    return os.path.join(layout, "blobs", *digest.split(":"))


def load(layout, digest):
    with open(blob(layout, digest)) as file:
        return json.load(file)


def images(layout):
    with open(os.path.join(layout, "index.json")) as file:
        pending = json.load(file)["manifests"]
    for entry in pending:
        document = load(layout, entry["digest"])
        if "manifests" in document:
            pending += document["manifests"]
        else:
            yield load(layout, document["config"]["digest"])["architecture"], document["layers"]


def read_layer(layout, digest):
    """What is in a layer, by path: what a link says, or what readelf says of an ELF file, or nothing."""
    if digest in layers:
        return layers[digest]
    files, names = {}, []
    with tempfile.TemporaryDirectory() as folder, tarfile.open(blob(layout, digest)) as tar:
        for member in tar:
            path = posixpath.join("/", member.name.removeprefix("./")).rstrip("/")
            if member.issym():
                files[path] = ("link", member.linkname)
            elif member.islnk():
                files[path] = files[posixpath.join("/", member.linkname)]
            elif member.isreg():
                files[path] = ("file", None)
                content = tar.extractfile(member)
                start = content.read(18)
                if start[:4] == b"\x7fELF" and start[16] in (2, 3):
                    with open(os.path.join(folder, str(len(names))), "wb") as copy:
                        copy.write(start + content.read())
                    names.append(path)
        if names:
            for path, facts in zip(names, readelf(folder, len(names)), strict=True):
                files[path] = ("file", facts)
    layers[digest] = files
    return files


def readelf(folder, count):
    command = ["readelf", "-ldVW"] + [str(index) for index in range(count)]
    text = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, env={"LC_ALL": "C"}).stdout
    parts = re.split(r"^File: \d+$", text, flags=re.M)[1:] if count > 1 else [text]
    return [facts(part) for part in parts]


def facts(text):
    needs, definitions, library, section = {}, set(), None, ""
    for line in text.splitlines():
        if line.startswith("Version "):
            section = line
        elif "Version needs" in section and (match := re.search(r"File: (\S+)", line)):
            library = match[1]
        elif "Version needs" in section and (match := re.search(r"Name: (\S+)\s+Flags: (.*?)\s+Version", line)):
            if "WEAK" not in match[2]:
                needs.setdefault(library, []).append(match[1])
        elif "Version definition" in section and (match := re.search(r"Flags: (.*?)\s+Index.*Name: (\S+)", line)):
            if "BASE" not in match[1]:
                definitions.add(match[2])
    first = lambda pattern: next(iter(re.findall(pattern, text)), None)
    return {
        "loader": first(r"program interpreter: ([^\]]+)\]"),
        "needed": re.findall(r"\(NEEDED\).*\[(.*)\]", text),
        "path": (first(r"\(RUNPATH\).*\[(.*)\]") or first(r"\(RPATH\).*\[(.*)\]") or "").split(":"),
        "needs": needs,
        "definitions": definitions,
    }


def resolve(files, path):
    """The path that is meant, through links; None where they do not end."""
    pending, done = path.split("/")[::-1], ""
    for _ in range(1000):
        if not pending:
            return done
        part = pending.pop()
        if part in ("", "."):
            continue
        if part == "..":
            done = posixpath.dirname(done).rstrip("/")
            continue
        kind, target = files.get(f"{done}/{part}", ("none", None))
        if kind != "link":
            done = f"{done}/{part}"
            continue
        if target.startswith("/"):
            done = ""
        pending += target.split("/")[::-1]
    return None


def find(files, name, user, facts_of_user, triplet):
    origin = posixpath.dirname(user)
    own = [path.replace("$ORIGIN", origin) for path in facts_of_user["path"] if path]
    for directory in own + [f"/lib/{triplet}", f"/usr/lib/{triplet}", "/lib", "/usr/lib"]:
        place = resolve(files, f"{directory}/{name}")
        if files.get(place, ("none", None))[1]:
            return place
    # Java's launcher has loaded `libjvm.so` from beside its libraries before they ask for it.
    home = re.match(r"/usr/lib/jvm/[^/]+/", user)
    return home and next((path for path in files if path.startswith(home[0]) and path.endswith(f"/{name}")), None)


def check(files, triplet, report):
    count = 0
    for path, (kind, elf) in sorted(files.items()):
        if kind != "file" or elf is None:
            continue
        count += 1
        if elf["loader"] and resolve(files, elf["loader"]) not in files:
            report(f"{path}: no loader {elf['loader']}")
        for name in elf["needed"]:
            place = find(files, name, path, elf, triplet)
            if place is None:
                report(f"{path}: no {name}")
                continue
            for version in elf["needs"].get(name, []):
                if version not in files[place][1]["definitions"]:
                    report(f"{path}: no {version} in {place}")
    return count


def main(arguments):
    without = None
    if arguments[0] == "--without":
        without, arguments = arguments[1], arguments[2:]
    total = 0
    for layout in arguments:
        for architecture, descriptors in images(layout):
            files = {}
            for descriptor in descriptors:
                files.update(read_layer(layout, descriptor["digest"]))
            files = {path: file for path, file in files.items() if posixpath.basename(path) != without}
            name = f"{os.path.basename(layout)} {architecture}"
            total += check(files, TRIPLETS[architecture], lambda text: print(f"{name}: {text}"))
    print(f"{len(arguments)} layouts, {total} files")


main(sys.argv[1:])
