"""A rule that makes an image layout of a program: rules_oci takes it as a base, or pushes it.

    load("//tools:coracle.bzl", "coracle_image")

    coracle_image(name = "image", binary = ":server")

The action reads nothing but its inputs: no network, no cache, no date.
"""

def _coracle_image_impl(ctx):
    layout = ctx.actions.declare_directory(ctx.label.name)
    arguments = ctx.actions.args()
    arguments.add("build")
    arguments.add(ctx.executable.binary)
    arguments.add("--output", layout.path)
    arguments.add("--offline")
    arguments.add("--no-cache")
    arguments.add_all(ctx.attr.options)
    ctx.actions.run(
        executable = ctx.executable.coracle,
        arguments = [arguments],
        inputs = [ctx.executable.binary],
        outputs = [layout],
        env = {"SOURCE_DATE_EPOCH": "0"},
        mnemonic = "CoracleImage",
        progress_message = "Building the image %{label}",
    )
    return [DefaultInfo(files = depset([layout]))]

coracle_image = rule(
    implementation = _coracle_image_impl,
    attrs = {
        "binary": attr.label(executable = True, cfg = "target", mandatory = True),
        "options": attr.string_list(doc = "More options of `coracle build`, such as --env=PORT=8080."),
        "coracle": attr.label(
            default = "//tools:coracle",
            executable = True,
            cfg = "exec",
            allow_single_file = True,
        ),
    },
)
