"""Writes two image layouts, `A` and `B`, into a directory: an image, and the same with one thing changed.

usage: mutated_images.py CASE DIRECTORY
"""

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile

OCI = "application/vnd.oci.image."


def entry(name, kind=tarfile.REGTYPE, content=b"", **members):
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.mtime, info.size = kind, 0o644, 1000000000, len(content)
    if kind == tarfile.DIRTYPE:
        info.mode = 0o755
    if kind == tarfile.SYMTYPE:
        info.mode = 0o777
    for key, value in members.items():
        setattr(info, key, value)
    return [info, content]


def tree():
    hello = open("/bin/true", "rb").read()
    return [
        entry("app", tarfile.DIRTYPE),
        entry("app/a", content=b"first\n"),
        entry("app/b", content=b"second\n"),
        entry("app/hard", tarfile.LNKTYPE, linkname="app/b"),
        entry("app/link", tarfile.SYMTYPE, linkname="a"),
        entry("app/tool", content=hello, mode=0o755),
        entry("etc", tarfile.DIRTYPE),
        entry("etc/conf", content=b"key = value\n", pax_headers={"SCHILY.xattr.user.note": "one"}),
        entry("etc/sub", tarfile.DIRTYPE),
        entry("etc/sub/deep", content=b"deep\n"),
        entry("null", tarfile.CHRTYPE, devmajor=1, devminor=3),
        entry("void", tarfile.DIRTYPE),
    ]


class Image:
    def __init__(self):
        self.layers = [tree()]
        self.format = tarfile.PAX_FORMAT
        self.level = 9
        self.encoding = "gzip"
        self.config = {"Env": ["PATH=/bin", "LANG=C"], "Labels": {"a": "1"}, "Entrypoint": ["/app/tool"]}
        self.created = "2001-02-03T04:05:06Z"
        self.step = "made by hand"
        self.annotations = {}
        self.others = {}
        self.indent = None

    def find(self, name):
        return next(pair for layer in self.layers for pair in layer if pair[0].name == name)

    def add(self, pair):
        self.layers[0].append(pair)

    def remove(self, name):
        for layer in self.layers:
            layer[:] = [pair for pair in layer if pair[0].name != name]

    def replace(self, name, **members):
        for key, value in members.items():
            setattr(self.find(name)[0], key, value)

    def content(self, name, content):
        pair = self.find(name)
        pair[0].size, pair[1] = len(content), content

    def write(self, place):
        blobs = os.path.join(place, "blobs", "sha256")
        os.makedirs(blobs)

        def hold(data, kind):
            digest = hashlib.sha256(data).hexdigest()
            with open(os.path.join(blobs, digest), "wb") as file:
                file.write(data)
            return {"mediaType": OCI + kind, "digest": "sha256:" + digest, "size": len(data)}

        diffs, layers = [], []
        for layer in self.layers:
            data = io.BytesIO()
            with tarfile.open(fileobj=data, mode="w", format=self.format) as tar:
                for info, content in layer:
                    tar.addfile(info, io.BytesIO(content))
            plain = data.getvalue()
            diffs.append("sha256:" + hashlib.sha256(plain).hexdigest())
            if self.encoding == "zstd":
                packed = subprocess.run(["zstd", "-q", "-c"], input=plain, stdout=subprocess.PIPE, check=True).stdout
                layers.append(hold(packed, "layer.v1.tar+zstd"))
            elif self.encoding == "plain":
                layers.append(hold(plain, "layer.v1.tar"))
            else:
                layers.append(hold(gzip.compress(plain, self.level, mtime=0), "layer.v1.tar+gzip"))
        config = {
            "architecture": "amd64", "os": "linux", "created": self.created, "config": self.config,
            "rootfs": {"type": "layers", "diff_ids": diffs},
            "history": [{"created": self.created, "created_by": self.step} for _ in self.layers],
        }
        config.update(self.others)
        manifest = {
            "schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
            "config": hold(json.dumps(config, indent=self.indent).encode(), "config.v1+json"), "layers": layers,
        }
        if self.annotations:
            manifest["annotations"] = self.annotations
        top = hold(json.dumps(manifest).encode(), "manifest.v1+json")
        top["annotations"] = {"org.opencontainers.image.ref.name": "1"}
        with open(os.path.join(place, "index.json"), "w") as file:
            json.dump({"schemaVersion": 2, "manifests": [top]}, file)
        with open(os.path.join(place, "oci-layout"), "w") as file:
            file.write('{"imageLayoutVersion":"1.0.0"}')


def split(image):
    first = image.layers[0]
    image.layers = [first[:6], first[6:]]


def reverse(image):
    # A directory still comes before what is in it, and a file before its hard link.
    pairs = {pair[0].name: pair for pair in image.layers[0]}
    order = ["void", "null", "etc", "etc/sub", "etc/sub/deep", "etc/conf", "app", "app/tool", "app/link", "app/b",
             "app/hard", "app/a"]
    image.layers[0] = [pairs[name] for name in order]


def other_first(image):
    # The content stands under the other name.
    content = image.find("app/b")[1]
    image.remove("app/b")
    image.remove("app/hard")
    image.layers[0][2:2] = [entry("app/hard", content=content), entry("app/b", tarfile.LNKTYPE, linkname="app/hard")]


def whiteout(image, *names):
    image.layers.append([entry(name) for name in names])


def retype(image, name, kind, **members):
    image.content(name, b"")
    image.replace(name, type=kind, **members)


def rebuild(image):
    # As if its compiler had changed one instruction: the bytes of .text, and the build ID is the same.
    data = bytearray(image.find("app/tool")[1])
    data[int.from_bytes(data[24:32], "little") + 8] ^= 0xFF
    image.content("app/tool", bytes(data))


CASES = {
    "same": lambda image: None,
    "content": lambda image: image.content("app/a", b"other, and longer\n"),
    "content of one size": lambda image: image.content("etc/sub/deep", b"DEEP\n"),
    "program": rebuild,
    "mode": lambda image: image.replace("app/a", mode=0o600),
    "setuid": lambda image: image.replace("app/tool", mode=0o4755),
    "owner": lambda image: image.replace("etc/conf", uid=7, gid=8),
    "directory's owner": lambda image: image.replace("etc/sub", uid=7),
    "time": lambda image: image.replace("app/a", mtime=1000000001),
    "added": lambda image: image.add(entry("etc/new", content=b"new\n")),
    "removed": lambda image: image.remove("etc/sub/deep"),
    "link target": lambda image: image.replace("app/link", linkname="b"),
    "extended attribute": lambda image: image.replace("etc/conf", pax_headers={"SCHILY.xattr.user.note": "two"}),
    "order": reverse,
    "compression level": lambda image: setattr(image, "level", 1),
    "zstd": lambda image: setattr(image, "encoding", "zstd"),
    "plain tar": lambda image: setattr(image, "encoding", "plain"),
    "whiteout": lambda image: whiteout(image, "etc/.wh.conf"),
    "opaque directory": lambda image: whiteout(image, "etc/sub/.wh..wh..opq"),
    "whiteout of nothing": lambda image: whiteout(image, "etc/.wh.absent"),
    "environment": lambda image: image.config.update(Env=["PATH=/usr/bin", "LANG=C"]),
    "volume": lambda image: image.config.update(Volumes={"/data": {}}),
    "label": lambda image: image.config.update(Labels={"a": "2"}),
    "history": lambda image: setattr(image, "step", "made by machine"),
    "annotation": lambda image: image.annotations.update(by="hand"),
    "created": lambda image: setattr(image, "created", "2002-02-03T04:05:06Z"),
    "layer split in two": split,
    "tar format": lambda image: setattr(image, "format", tarfile.GNU_FORMAT),
    "spelling of JSON": lambda image: setattr(image, "indent", 1),
    "hard link broken": lambda image: image.replace("app/hard", type=tarfile.REGTYPE, linkname="", size=7)
    or image.content("app/hard", b"second\n"),
    "content under the other name": other_first,
    "device": lambda image: image.replace("null", devminor=5),
    "empty directory": lambda image: image.add(entry("etc/empty", tarfile.DIRTYPE)),
    "name with a line feed": lambda image: image.add(entry("etc/x\nx", content=b"odd\n")),
    "name that is not UTF-8": lambda image: image.add(entry("etc/\udcff", content=b"odd\n")),
    "file becomes a directory": lambda image: retype(image, "app/a", tarfile.DIRTYPE, mode=0o755),
    "file becomes a symlink": lambda image: retype(image, "etc/sub/deep", tarfile.SYMTYPE, linkname="x", mode=0o777),
}


def main():
    name, place = sys.argv[1:]
    first, second = Image(), Image()
    if name == "tar format":
        # It cannot say extended attributes.
        for image in (first, second):
            image.replace("etc/conf", pax_headers={})
    CASES[name](second)
    first.write(os.path.join(place, "A"))
    second.write(os.path.join(place, "B"))


main()
