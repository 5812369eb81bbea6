"""The `binary` input: one static, stripped Go program of about 11 MB, the size of a small service."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

SERVICE = Path(__file__).parent / "service"
RECIPE = [Path(__file__), SERVICE / "go.mod", SERVICE / "main.go"]


def make(folder):
    """Builds the service with the installed Go and puts it at `app`.

    The bytes depend on the version of Go and on nothing else: the standard library only, no path, no C compiler.
    """
    go = shutil.which("go")
    if go is None:
        raise SystemExit("make-inputs: `go` is not in PATH; the `binary` input is built with it (apt-get install golang-go)")
    with tempfile.TemporaryDirectory(prefix="coracle-bench-go") as scratch:
        program = os.path.join(scratch, "app")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": scratch,
            "GOPATH": os.path.join(scratch, "path"),
            "GOCACHE": os.path.join(scratch, "cache"),
            "GOENV": "off",
            "GOTOOLCHAIN": "local",
            "GOPROXY": "off",
            "GOOS": "linux",
            "GOARCH": "amd64",
            "CGO_ENABLED": "0",
        }
        build = [go, "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", program, "."]
        subprocess.run(build, cwd=SERVICE, env=environment, check=True, timeout=900)
        folder.write("app", [Path(program).read_bytes()], executable=True)
