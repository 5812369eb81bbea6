"""Every command line that is timed, and where each tool leaves its layers. Adjust them here.

A command is a line for bash, run in an empty folder of its own, with these variables:
  CORACLE  the coracle to time
  FOLDER   the input's folder
  SOURCE   what to put into the image: the program for the input `binary`, else the folder
  TARGET   where in the image
"""

from dataclasses import dataclass
from typing import Callable

from timing.layers import docker_archive, file_size, image_layout

KEYS = ("coracle", "umoci", "buildah", "crane", "tar-gzip", "tar-pigz", "ko")


@dataclass(frozen=True)
class Tool:
    key: str  # what `--tools` takes
    label: str
    needs: tuple[str, ...]  # programs that have to be in PATH
    command: str
    layers: Callable  # the folder it ran in → the sizes of its layers by name; raises Failure
    version: str = ""
    cleanup: str = ""  # not timed
    not_for: tuple[str, ...] = ()  # inputs that it is not timed on, unless `--all`


def coracle(input_name, level):
    """coracle at a compression level; `default` is no option at all."""
    if input_name == "binary":
        command = '"$CORACLE" build "$SOURCE" -o image.oci -t bench:1 --no-runtime'
    else:
        command = '"$CORACLE" build "$SOURCE" -o image.oci -t bench:1 --entrypoint /app/run --platform linux/amd64 --no-runtime'
    if input_name == "large":
        # Programs one after the other, without the libraries that they need: no image would be made of them.
        command += " --no-check"
    if level != "default":
        command += f" --compression-level {level}"
    return Tool(
        key="coracle",
        label="coracle" if level == "default" else f"coracle, level {level}",
        needs=(),
        command=command,
        layers=lambda work: image_layout(work / "image.oci"),
        version='"$CORACLE" --version',
    )


def _buildah(driver):
    define = f'b() {{ buildah --root "$PWD/root" --runroot "$PWD/runroot" --storage-driver {driver} "$@"; }}'
    return Tool(
        key="buildah",
        label=f"buildah from, copy, commit ({driver})",
        needs=("buildah",),
        command=f"{define}\n"
        "b from --name bench scratch\n"
        'b copy --quiet bench "$SOURCE" "$TARGET"\n'
        "b commit --quiet --disable-compression=false bench oci:image:bench",
        layers=lambda work: image_layout(work / "image"),
        version="buildah --version",
        # The overlay driver mounts things below its root, and what is mounted cannot be removed.
        cleanup=f"{define}\nb rm --all\nfor at in root/overlay runroot/overlay; do mountpoint -q $at && umount $at; done",
        not_for=("large",),
    )


def peers(input_name, rootless, buildah_driver):
    """The tools that coracle is compared with, in the order of the table."""
    # umoci keeps owners unless it is told that it cannot.
    insert = "umoci insert --rootless" if rootless else "umoci insert"
    tar = 'tar --sort=name -C "$FOLDER" -cf - .'
    tools = [
        Tool(
            key="umoci",
            label="umoci init, new, insert",
            needs=("umoci",),
            command="umoci init --layout image\n"
            "umoci new --image image:bench\n"
            f'{insert} --image image:bench "$SOURCE" "$TARGET"',
            layers=lambda work: image_layout(work / "image"),
            version="umoci --version",
        ),
        _buildah(buildah_driver),
        Tool(
            key="crane",
            label="tar > file; crane append",
            needs=("crane", "tar"),
            # Not through a pipe: `crane append -f -` cannot write a file.
            command=f"{tar} > layer.tar\ncrane append --new_layer layer.tar --new_tag bench:1 --output image.tar",
            layers=lambda work: docker_archive(work / "image.tar"),
            version="echo crane $(crane version)",
        ),
        Tool(
            key="tar-gzip",
            label="tar | gzip -n -6",
            needs=("tar", "gzip"),
            command=f"{tar} | gzip -n -6 > layer.tar.gz",
            layers=lambda work: file_size(work / "layer.tar.gz"),
            version="gzip --version",
        ),
        Tool(
            key="tar-pigz",
            label="tar | pigz -n -6 -p2",
            needs=("tar", "pigz"),
            command=f"{tar} | pigz -n -6 -p2 > layer.tar.gz",
            layers=lambda work: file_size(work / "layer.tar.gz"),
            version="pigz --version 2>&1",
        ),
    ]
    if input_name == "binary":
        tools.append(
            Tool(
                key="ko",
                label="ko build (compiles, pulls its base)",
                needs=("ko", "go"),
                # ko takes Go source, so its time has a whole `go build` in it.
                command='cd "$SERVICE"\nKO_DOCKER_REPO=ko.local ko build --push=false --sbom=none --bare '
                '--platform=linux/amd64 --oci-layout-path="$OLDPWD/image" .',
                layers=lambda work: image_layout(work / "image"),
                version="echo ko $(ko version)",
            )
        )
    return tools
