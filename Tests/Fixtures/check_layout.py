"""Reads an image layout without trusting it, and prints what it holds, one fact a line.

Every descriptor that index.json leads to is followed; the blob's size and SHA-256 are checked, and those of every
layer's uncompressed tar against the config's diff_ids. Exits with a message if anything does not fit.
"""
import gzip
import hashlib
import json
import os
import sys

root = sys.argv[1]
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
seen = {}


def blob(descriptor):
    algorithm, hexadecimal = descriptor["digest"].split(":")
    if descriptor["digest"] in seen:
        return seen[descriptor["digest"]]
    with open(os.path.join(root, "blobs", algorithm, hexadecimal), "rb") as file:
        data = file.read()
    if len(data) != descriptor["size"]:
        sys.exit("%s has %d bytes, not %d" % (descriptor["digest"], len(data), descriptor["size"]))
    if hashlib.sha256(data).hexdigest() != hexadecimal:
        sys.exit("%s has another digest" % descriptor["digest"])
    seen[descriptor["digest"]] = data
    return data


def follow(descriptor):
    document = json.loads(blob(descriptor))
    if document["mediaType"] != descriptor["mediaType"]:
        sys.exit("%s has another media type" % descriptor["digest"])
    if descriptor["mediaType"] == INDEX:
        for child in document["manifests"]:
            follow(child)
        return
    if descriptor["mediaType"] != MANIFEST:
        sys.exit("unexpected media type %s" % descriptor["mediaType"])
    config = json.loads(blob(document["config"]))
    if any(not layer["mediaType"].endswith("tar+gzip") for layer in document["layers"]):
        # A document about an image: only its blobs have to be there.
        for layer in document["layers"]:
            blob(layer)
        return
    diff_ids = config["rootfs"]["diff_ids"]
    if len(diff_ids) != len(document["layers"]):
        sys.exit("%d layers, %d diff_ids" % (len(document["layers"]), len(diff_ids)))
    for layer, diff_id in zip(document["layers"], diff_ids):
        tar = gzip.decompress(blob(layer))
        if "sha256:" + hashlib.sha256(tar).hexdigest() != diff_id:
            sys.exit("%s has another diff_id" % layer["digest"])


with open(os.path.join(root, "oci-layout")) as file:
    if json.load(file) != {"imageLayoutVersion": "1.0.0"}:
        sys.exit("oci-layout is not 1.0.0")
with open(os.path.join(root, "index.json")) as file:
    index = json.load(file)
for descriptor in index["manifests"]:
    follow(descriptor)
    print("tag", descriptor.get("annotations", {}).get("org.opencontainers.image.ref.name", ""))
for folder, folders, files in os.walk(root):
    for name in files:
        path = os.path.relpath(os.path.join(folder, name), root)
        if path in ("oci-layout", "index.json"):
            continue
        if os.path.dirname(path) != "blobs/sha256" or len(name) != 64:
            print("stray", path)
        elif "sha256:" + name not in seen:
            print("unreferenced", name)
    for name in folders:
        if os.path.relpath(os.path.join(folder, name), root) not in ("blobs", "blobs/sha256"):
            print("stray", os.path.relpath(os.path.join(folder, name), root))
