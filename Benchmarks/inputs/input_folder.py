"""A benchmark input on disk: written once, whole or not at all, and recognised when it is already there."""

import hashlib
import json
import os
import shutil
from pathlib import Path

# 2024-01-01T00:00:00Z for everything: modification times end up in the tars that are compared.
MODIFIED = 1_704_067_200


class InputFolder:
    """The folder `into/name`, its manifest `into/name.sha256` (for `sha256sum -c`) and its record `into/name.json`.

    The record is written last, so an input without one was never finished.
    """

    def __init__(self, into, name, recipe):
        """`recipe`: the files that decide what is made; another recipe makes the input anew."""
        self.name = name
        self.folder = into / name
        self._manifest = into / f"{name}.sha256"
        self._record = into / f"{name}.json"
        self._recipe = _digest_of(recipe)
        self._lines = []

    def existing(self):
        """The record of a complete input made by the same recipe, or None."""
        try:
            record = json.loads(self._record.read_text())
        except (OSError, ValueError):
            return None
        if record.get("recipe") != self._recipe or _census(self.folder) != _counts(record):
            return None
        return record

    def start(self):
        """Removes what an earlier or interrupted run left."""
        self._record.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def write(self, path, chunks, executable=False):
        """Writes one file, `path` relative to the folder, from an iterable of bytes."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with open(target, "wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
        os.chmod(target, 0o755 if executable else 0o644)
        self._lines.append((path, f"{digest.hexdigest()}  {self.name}/{path}\n"))

    def finish(self):
        """Sets modes and times, writes manifest and record, and returns the record."""
        for folder, _, files in os.walk(self.folder, topdown=False):
            for file in files:
                os.utime(os.path.join(folder, file), (MODIFIED, MODIFIED))
            os.chmod(folder, 0o755)
            os.utime(folder, (MODIFIED, MODIFIED))
        manifest = "".join(line for _, line in sorted(self._lines)).encode()
        self._manifest.write_bytes(manifest)
        files, directories, size = _census(self.folder)
        record = {
            "name": self.name,
            "files": files,
            "directories": directories,
            "bytes": size,
            "manifest_sha256": hashlib.sha256(manifest).hexdigest(),
            "recipe": self._recipe,
        }
        self._record.write_text(json.dumps(record, indent=2) + "\n")
        return record


def _counts(record):
    return record.get("files"), record.get("directories"), record.get("bytes")


def _census(folder):
    """How many files and directories there are below `folder`, and how many bytes the files have."""
    files = directories = size = 0
    for root, below, names in os.walk(folder):
        directories += len(below)
        files += len(names)
        size += sum(os.lstat(os.path.join(root, name)).st_size for name in names)
    return files, directories, size


def _digest_of(recipe):
    digest = hashlib.sha256()
    for path in [Path(__file__), *recipe]:
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
