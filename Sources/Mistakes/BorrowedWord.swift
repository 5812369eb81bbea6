/// A word of another program, and what coracle has instead.
package struct BorrowedWord: Sendable {
    /// Commands or options that mean the same, as they are typed.
    package let words: [String]
    /// Its meaning in the other program.
    package let reason: String
    /// What to type instead.
    package let hint: String

    init(_ words: String..., reason: String, hint: String) {
        (self.words, self.reason, self.hint) = (words, reason, hint)
    }

    /// Commands of docker, podman, buildah, skopeo, crane, regctl, ko, umoci, oras and rebuilders.
    package static let commands = [
        BorrowedWord("ls", reason: "in crane it lists a repository's tags", hint: "use `coracle tags REPOSITORY`"),
        BorrowedWord(
            "list-tags",
            reason: "in skopeo it lists a repository's tags",
            hint: "use `coracle tags REPOSITORY`"
        ),
        BorrowedWord(
            "manifest",
            "history",
            "blob",
            reason: "elsewhere it shows one document of an image",
            hint: "use `coracle inspect IMAGE --json`"
        ),
        BorrowedWord(
            "version",
            "info",
            reason: "the version is an option",
            hint: "use `coracle --version`"
        ),
        BorrowedWord(
            "completion",
            "completions",
            reason: "the completion script is an option",
            hint: "use `coracle --generate-completion-script bash`, or zsh, or fish"
        ),
        BorrowedWord(
            "export",
            "unpack",
            "extract",
            reason: "coracle does not unpack an image",
            hint:
                "list its files with `coracle files IMAGE`, or write an archive with `coracle copy IMAGE oci-archive:FILE`"
        ),
        BorrowedWord(
            "images",
            "image",
            "ps",
            "container",
            reason: "coracle has no daemon that stores images",
            hint: "an image is where `coracle build -o` wrote it; look at it with `coracle inspect PATH`"
        ),
        BorrowedWord(
            "run",
            "exec",
            "start",
            "logs",
            "stop",
            reason: "coracle builds images and does not run them",
            hint:
                "use `coracle apply -f FILE` for a cluster, `podman run oci:DIR`, or `coracle check IMAGE` to see whether it can run"
        ),
        BorrowedWord(
            "rm",
            "rmi",
            "remove",
            reason: "coracle does not delete images",
            hint: "delete the directory or file that `coracle build -o` wrote; `coracle cache prune` empties the cache"
        ),
        BorrowedWord(
            "prune",
            "system",
            "gc",
            "clean",
            reason: "only the cache can be emptied",
            hint: "use `coracle cache prune --older-than 30d`"
        ),
        BorrowedWord(
            "save",
            reason: "in docker it writes an image into an archive",
            hint: "use `coracle copy IMAGE docker-archive:FILE`, or `coracle build --tarball FILE`"
        ),
        BorrowedWord(
            "import",
            "import-image",
            "image-load",
            reason: "elsewhere it brings an image into an engine",
            hint: "use `coracle load FILE`"
        ),
        BorrowedWord(
            "tag",
            "retag",
            reason: "a name belongs to a place: an image gets one by being copied there",
            hint: "use `coracle copy REF NEWREF`; `coracle tags` lists the tags of a repository"
        ),
        BorrowedWord(
            "cp",
            "mirror",
            "sync",
            reason: "elsewhere it copies an image",
            hint: "use `coracle copy SOURCE DESTINATION`"
        ),
        BorrowedWord(
            "commit",
            "append",
            "mutate",
            "flatten",
            "edit",
            "squash",
            "from",
            reason: "coracle makes a new image and does not change one",
            hint: "use `coracle build PATH --base IMAGE`"
        ),
        BorrowedWord(
            "bake",
            "compose",
            "buildx",
            "builder",
            "bud",
            reason: "coracle builds many images from one file",
            hint: "list them in images.yaml, and use `coracle build --file images.yaml`"
        ),
        BorrowedWord(
            "publish",
            reason: "in ko it builds and pushes one image",
            hint: "use `coracle build PATH -t REF --push`, which prints the reference"
        ),
        BorrowedWord(
            "deploy",
            reason: "elsewhere it builds, pushes and applies what manifests name",
            hint: "use `coracle apply -f FILE`, or `coracle resolve -f FILE` to see the manifests"
        ),
        BorrowedWord(
            "delete",
            reason: "in ko it is kubectl's, and coracle deletes no images",
            hint: "use `kubectl delete -f FILE`, with the manifests as they are"
        ),
        BorrowedWord(
            "deps",
            "scan",
            "scout",
            reason: "an image's packages are listed by `coracle sbom`",
            hint: "use `coracle sbom IMAGE`, or `coracle base show NAME` for a base's packages"
        ),
        BorrowedWord(
            "trust",
            "notation",
            reason: "coracle signs with a key, and verifies with its public half",
            hint: "use `coracle sign REF --key FILE`, and `coracle verify REF --key FILE`"
        ),
        BorrowedWord(
            "catalog",
            "search",
            "repository",
            reason: "coracle lists the tags of one repository only",
            hint: "use `coracle tags REPOSITORY`"
        ),
        BorrowedWord(
            "discover",
            "tree",
            "attachments",
            reason: "elsewhere it lists what hangs on an image",
            hint: "use `coracle referrers IMAGE`"
        ),
        BorrowedWord(
            "auth",
            "signin",
            reason: "elsewhere it stores a password",
            hint: "use `coracle login REGISTRY -u NAME`"
        ),
        BorrowedWord(
            "registry",
            "serve",
            reason: "coracle is not a registry",
            hint: "use an image layout: `coracle build -o DIR`, or `coracle copy IMAGE oci:DIR`"
        ),
        BorrowedWord(
            "new",
            "migrate",
            "convert",
            reason: "a project file is written by `coracle init`",
            hint: "use `coracle init`, or `coracle init --from Dockerfile`"
        ),
        BorrowedWord(
            "compare",
            "cmp",
            "changes",
            reason: "two images are compared by `coracle diff`",
            hint: "use `coracle diff IMAGE OTHER`"
        ),
        BorrowedWord(
            "reprotest",
            "rebuilderd",
            "rebuildctl",
            reason: "whether a build gives the same image is asked with `coracle reproduce`",
            hint: "use `coracle reproduce IMAGE --from PATH`, or `coracle reproduce --twice --from PATH`"
        ),
        BorrowedWord(
            "mod",
            reason: "in regctl it changes an image",
            hint: "put the image on another base with `coracle rebase IMAGE --onto BASE --push`"
        ),
    ]

    /// Options of the same programs.
    package static let options = [
        BorrowedWord(
            "--load",
            "--local",
            "-L",
            "--docker",
            reason: "elsewhere it brings the image into an engine of this machine",
            hint: "use `coracle build PATH --load`, or `coracle load IMAGE` for what is built already"
        ),
        BorrowedWord(
            "--no-push",
            "--output-type",
            "--type",
            reason: "an image is written here unless `--push` is given",
            hint: "use `-o PATH`"
        ),
        BorrowedWord(
            "--new_base",
            "--new-base",
            "--old_base",
            "--run-image",
            reason: "crane and pack have other words for it",
            hint: "use `--onto BASE`, and `--old-base BASE` if the image does not name its own"
        ),
        BorrowedWord(
            "--rebased",
            reason: "in crane it names the result",
            hint: "use `--push --tag REF`"
        ),
        BorrowedWord(
            "--original",
            "--rebase",
            "--rebase-ref",
            reason: "in crane and regctl it is about another base",
            hint: "use `coracle rebase IMAGE --onto BASE --push`"
        ),
        BorrowedWord(
            "--to-oci",
            "--to-docker",
            "--to-oci-referrers",
            reason: "in regctl it changes the form of an image",
            hint: "leave it out: what coracle makes is OCI, and what it copies stays as it is"
        ),
        BorrowedWord(
            "--sbom-dir",
            reason: "coracle writes one document about an image",
            hint: "use `--sbom-output FILE`"
        ),
        BorrowedWord(
            "--attest",
            reason: "what an image is attested with has options of its own",
            hint: "use `--provenance` and `--sbom-output FILE`"
        ),
        BorrowedWord(
            "--sign",
            "--sign-by",
            "--key",
            reason: "a key signs what is pushed",
            hint: "push and sign with `--push --sign-key FILE`"
        ),
        BorrowedWord(
            "--quiet",
            "-q",
            "--silent",
            "--no-progress",
            "--log-level",
            "--iidfile",
            "--digestfile",
            reason: "standard output is only the reference already",
            hint: "use `--progress none`, and redirect standard output or error as you like"
        ),
        BorrowedWord(
            "--verbose",
            "-v",
            "--debug",
            "-D",
            reason: "coracle has one amount of output",
            hint: "use `--explain` or `--json` with `build` and `plan`"
        ),
        BorrowedWord(
            "--copy",
            reason: "mode and owner belong to the file that is added",
            hint: "use `--add SRC:DST:MODE:UID:GID`"
        ),
        BorrowedWord(
            "--build-arg",
            "--target",
            "--network",
            "--secret",
            "--ssh",
            "--shm-size",
            "--ulimit",
            "--rm",
            "--pull",
            "--context",
            "--build-context",
            "--no-cache-filter",
            "--isolation",
            "--ldflags",
            "--run",
            "--shell",
            reason: "coracle runs no build steps: it packs what is built already",
            hint: "build the program first, then use `coracle build PATH`"
        ),
        BorrowedWord(
            "--dockerfile",
            "--containerfile",
            reason: "coracle runs no instructions of a Dockerfile",
            hint: "translate it once: `coracle init --from Dockerfile`; then `coracle build`"
        ),
        BorrowedWord(
            "--env-file",
            reason: "variables are given one by one",
            hint: "use `--env NAME=VALUE`, or `env` in an images file"
        ),
        BorrowedWord(
            "--health-cmd",
            "--health-interval",
            "--health-retries",
            reason: "docker's `run` takes it for one container",
            hint: "use `--healthcheck 'interval=15s CMD [\"/app/server\", \"ping\"]'`"
        ),
        BorrowedWord(
            "--preserve-import-paths",
            "-P",
            "--base-import-paths",
            "-B",
            reason: "the name comes from the program's file name",
            hint: "use `-t REF`, or `--bare` with CORACLE_REPO"
        ),
        BorrowedWord(
            "--ignore-timestamps",
            "--ignore-file-timestamps",
            "--ignore-image-timestamps",
            "--ignore-history",
            "--ignore-file-order",
            "--ignore-image-name",
            reason: "`coracle diff` has one option for what does not count as different",
            hint: "use `--ignore times,order,description`, or `--semantic`"
        ),
        BorrowedWord(
            "--tls-verify",
            "--src-tls-verify",
            "--dest-tls-verify",
            "--insecure",
            "--plain-http",
            "--cert-dir",
            reason: "trust is given to one registry at a time",
            hint: "use `--insecure-registry HOST`, or `--ca-cert HOST=FILE`"
        ),
        BorrowedWord(
            "--creds",
            "--src-creds",
            "--dest-creds",
            "--authfile",
            "--registry-token",
            "--username",
            "--password",
            reason: "passwords come from docker's and podman's files, or from `coracle login`",
            hint: "use `coracle login REGISTRY -u NAME`, or set REGISTRY_AUTH_FILE"
        ),
        BorrowedWord(
            "--all",
            "--all-platforms",
            "--all-tags",
            "--multi-arch",
            "--recursive",
            "-r",
            "-R",
            reason: "all platforms of an image come unless one is chosen",
            hint: "leave it out, or use `--platform PLATFORM` where a command has it"
        ),
        BorrowedWord(
            "--arch",
            "--os",
            "--override-arch",
            "--override-os",
            "--variant",
            reason: "a platform is one word",
            hint: "use `--platform linux/arm64`"
        ),
        BorrowedWord(
            "--format",
            "--template",
            "--raw",
            "--no-trunc",
            "--pretty",
            reason: "a command prints text or one JSON document",
            hint: "use `--json`, and `jq` to choose from it"
        ),
        BorrowedWord(
            "--dry-run",
            "-n",
            reason: "planning is a command",
            hint: "use `coracle plan PATH`, or `coracle push --plan`"
        ),
        BorrowedWord(
            "--image",
            "--name",
            "--destination",
            "--repository",
            reason: "a name is a tag of the image",
            hint: "use `-t REF`"
        ),
        BorrowedWord(
            "--squash",
            "--flatten",
            "--layers-max",
            "--new_layer",
            "--append",
            reason: "coracle decides on layers by itself",
            hint: "use `--layers one`, or `--squash-base` for a base"
        ),
        BorrowedWord(
            "--timestamp",
            "--source-date-epoch",
            "--reproducible",
            reason: "images are reproducible without it",
            hint: "use `--created TIME`, or set SOURCE_DATE_EPOCH"
        ),
        BorrowedWord(
            "--compression-format",
            "--compress",
            "--force-compression",
            reason: "layers are gzip unless another format is named",
            hint: "use `--compression zstd`, or `--compression-level 9`"
        ),
        BorrowedWord(
            "--port",
            "-p",
            "--publish",
            reason: "an image says which ports there are, and nothing is published",
            hint: "use `--expose PORT`"
        ),
        BorrowedWord(
            "--mount",
            "--tmpfs",
            reason: "an image says which paths are volumes, and nothing is mounted",
            hint: "use `--volume PATH`"
        ),
        BorrowedWord("--yes", "-y", "--force", reason: "coracle asks no questions", hint: "leave it out"),
        BorrowedWord(
            "--color",
            "--no-color",
            "--ansi",
            reason: "colours are used on terminals only",
            hint: "set NO_COLOR to have none"
        ),
    ]

    /// The word in `table`; `nil` if no other program has it.
    static func find(_ word: String, in table: [BorrowedWord]) -> BorrowedWord? {
        table.first { $0.words.contains(word) }
    }
}
