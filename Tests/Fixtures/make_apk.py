"""Writes apk packages and a signed index: make_apk.py DIRECTORY < SPECIFICATION

The specification is JSON: `packages`, each with `name`, `version`, `arch`, `info` (more lines of .PKGINFO), `files` (in their order:
`path`, and `text`, `hex`, `from`, `symlink`, `hardlink`, `directory` or `kind`; `mode`, `uid`), `scripts`; `signatures` of the index, each
`[ALGORITHM, KEY NAME, FILE OF THE PRIVATE KEY]`; `description`; `damage`, what is done wrong on purpose.
"""

import base64
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile


def member(entries, is_last):
    """A gzip member of a tar, which has end blocks only if it is the last."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, content in entries:
            tar.addfile(info, io.BytesIO(content))
        size = tar.offset
    packed = data.getvalue()
    return gzip.compress(packed if is_last else packed[:size], mtime=0)


def plain(name, content, mode=0o644):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    info.mode = mode
    info.mtime = 1700000000
    return info, content


def entry(file):
    info = tarfile.TarInfo(file["path"])
    info.mode = file.get("mode", 0o755 if "directory" in file else 0o644)
    info.uid = info.gid = file.get("uid", 0)
    info.mtime = 1700000000
    content = b""
    if "symlink" in file:
        info.type, info.linkname, info.mode = tarfile.SYMTYPE, file["symlink"], 0o777
    elif "hardlink" in file:
        info.type, info.linkname = tarfile.LNKTYPE, file["hardlink"]
    elif "directory" in file:
        info.type = tarfile.DIRTYPE
    elif "kind" in file:
        info.type = {"fifo": tarfile.FIFOTYPE, "device": tarfile.CHRTYPE}[file["kind"]]
    elif "from" in file:
        content = open(file["from"], "rb").read()
    elif "zeros" in file:
        content = bytes(file["zeros"])
    else:
        content = file["text"].encode() if "text" in file else bytes.fromhex(file["hex"])
    if content or info.type == tarfile.REGTYPE:
        info.pax_headers["APK-TOOLS.checksum.SHA1"] = hashlib.sha1(content).hexdigest()
    info.size = len(content)
    return info, content


def signature(algorithm, key, message):
    hashes = {"RSA": "-sha1", "RSA256": "-sha256", "RSA512": "-sha512"}
    command = ["openssl", "dgst", hashes.get(algorithm, "-sha256"), "-sign", key]
    return subprocess.run(command, input=message, check=True, stdout=subprocess.PIPE).stdout


def signed(signatures, rest):
    if not signatures:
        return rest
    files = [plain(f".SIGN.{algorithm}.{name}", signature(algorithm, key, rest)) for algorithm, name, key in signatures]
    return member(files, False) + rest


def package(made, signatures):
    damage = made.get("damage", "")
    data = member([entry(file) for file in made["files"]], True)
    digest = hashlib.sha256(data).hexdigest()
    lines = [
        "# made for a test",
        f"pkgname = {made['name']}",
        f"pkgver = {made['version']}",
        "pkgdesc = a test",
        "url = https://example.com/",
        f"builddate = {made.get('built', 1700000000)}",
        f"size = {sum(len(content) for _, content in map(entry, made['files']))}",
        f"arch = {made.get('arch', 'x86_64')}",
        f"origin = {made.get('origin', made['name'])}",
        "license = MIT",
    ]
    lines += made.get("info", [])
    if damage != "no datahash":
        lines.append(f"datahash = {digest}")
    files = [plain(".PKGINFO", ("\n".join(lines) + "\n").encode())]
    files += [plain(f".{name}", b"#!/bin/sh\nexit 1\n", 0o755) for name in made.get("scripts", [])]
    if damage == "large control":
        files.append(plain(".melange.yaml", bytes(32 << 20)))
    if damage == "no info":
        files = files[1:] or [plain(".post-install", b"")]
    control = member(files, False)
    if damage == "other data":
        data = member([plain("usr/bin/evil", b"evil", 0o755)], True)
    if damage == "more data":
        data += member([plain("usr/bin/evil", b"evil", 0o755)], True)
    whole = control + data
    if signatures:
        name = [(algorithm, name, key) for algorithm, name, key in signatures]
        sign = [plain(f".SIGN.{a}.{n}", signature(a, k, control)) for a, n, k in name]
        whole = member(sign, False) + whole
    return whole, control


def paragraph(made, whole, control):
    checksum = "Q1" + base64.b64encode(hashlib.sha1(control).digest()).decode()
    if made.get("damage") == "other checksum":
        checksum = "Q1" + base64.b64encode(bytes(20)).decode()
    lines = [
        f"C:{checksum}",
        f"P:{made['name']}",
        f"V:{made['version']}",
        # As Alpine's tools rewrite it: also for packages that are for any architecture.
        "A:x86_64",
        f"S:{len(whole)}",
        "I:4096",
        "T:a test",
        "U:https://example.com/",
        "L:MIT",
        f"o:{made.get('origin', made['name'])}",
        f"t:{made.get('built', 1700000000)}",
    ]
    info = [line.split(" = ", 1) for line in made.get("info", []) if " = " in line]
    for letter, key in (("D", "depend"), ("p", "provides")):
        values = [value for name, value in info if name == key]
        if values:
            lines.append(f"{letter}:{' '.join(values)}")
    return "\n".join(lines) + "\n\n"


def main():
    directory = sys.argv[1]
    made = json.load(sys.stdin)
    os.makedirs(directory, exist_ok=True)
    text = ""
    for one in made["packages"]:
        whole, control = package(one, made.get("package signatures", []))
        with open(f"{directory}/{one['name']}-{one['version']}.apk", "wb") as file:
            file.write(whole)
        text += paragraph(one, whole, control)
    text = made.get("text", text)
    files = [plain("DESCRIPTION", made.get("description", "v1").encode()), plain("APKINDEX", text.encode())]
    with open(f"{directory}/APKINDEX.tar.gz", "wb") as file:
        file.write(signed(made.get("signatures", []), member(files, True)))


main()
