"""How many bytes a tool's layers have: what a registry would store and a node would pull.

Each function returns the sizes by name, which is the layer's digest if the tool tells it, and raises `Failure` if there is none.
"""

import functools
import json
import tarfile

from timing.measure import Failure

_INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")


def _or_failure(find):
    @functools.wraps(find)
    def found(path):
        try:
            layers = find(path)
        except (OSError, KeyError, ValueError, tarfile.TarError) as error:
            raise Failure(f"its output cannot be read: {type(error).__name__}: {error}") from error
        if not layers:
            raise Failure("its image has no layers")
        return layers

    return found


@_or_failure
def image_layout(path):
    """An OCI image layout, as a folder or as a tar archive of one: all layers of all manifests (image-spec, image-layout.md)."""
    if path.is_dir():
        return _layers(lambda name: (path / name).read_bytes())
    with tarfile.open(path) as archive:
        members = {member.name.removeprefix("./"): member for member in archive}
        return _layers(lambda name: archive.extractfile(members[name]).read())


def _layers(read):
    found = {}
    pending = list(json.loads(read("index.json"))["manifests"])
    while pending:
        descriptor = pending.pop()
        document = json.loads(read("blobs/" + descriptor["digest"].replace(":", "/")))
        if descriptor["mediaType"] in _INDEXES:
            pending += document["manifests"]
        else:
            found.update({layer["digest"]: layer["size"] for layer in document["layers"]})
    return found


@_or_failure
def docker_archive(path):
    """What `docker save` writes: the layers that manifest.json names."""
    with tarfile.open(path) as archive:
        images = json.load(archive.extractfile("manifest.json"))
        return {name: archive.getmember(name).size for image in images for name in image["Layers"]}


@_or_failure
def file_size(path):
    return {path.name: path.stat().st_size}
