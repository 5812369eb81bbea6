"""Stands in for Bazel: evaluates coracle.bzl, which is Python as far as it goes, and runs the action of the rule.

usage: bazel_rule.py CORACLE.BZL CORACLE BINARY FOLDER [OPTION ...]
"""
import os, subprocess, sys, types

path, coracle, binary, folder = sys.argv[1:5]


class Arguments(list):
    def add(self, *words):
        self.extend(getattr(word, "path", word) for word in words)

    def add_all(self, words):
        self.extend(words)


def file(path):
    return types.SimpleNamespace(path=path)


def declare_directory(name):
    # Bazel makes the directories of outputs itself.
    os.makedirs(os.path.join(folder, name))
    return file(os.path.join(folder, name))


def run(executable, arguments, inputs, outputs, env, mnemonic, progress_message):
    assert inputs and outputs
    # An action has no variables but its own, and no network: `unshare -n` where that can be done.
    words = [executable.path] + [word for part in arguments for word in part]
    if os.geteuid() == 0:
        words = ["/usr/bin/unshare", "-n"] + words
    subprocess.run(words, env=dict(env, PATH="/usr/bin:/bin"), check=True, timeout=120, stdout=subprocess.DEVNULL)


rules = {}
names = {
    "rule": lambda implementation, attrs: rules.update(implementation=implementation, attrs=attrs),
    "attr": types.SimpleNamespace(label=lambda **words: words, string_list=lambda **words: words),
    "DefaultInfo": lambda files: files,
    "depset": list,
}
exec(compile(open(path).read(), path, "exec"), names)
assert set(rules["attrs"]) == {"binary", "options", "coracle"}
context = types.SimpleNamespace(
    label=types.SimpleNamespace(name="image"),
    executable=types.SimpleNamespace(binary=file(binary), coracle=file(coracle)),
    attr=types.SimpleNamespace(options=sys.argv[5:]),
    actions=types.SimpleNamespace(declare_directory=declare_directory, args=Arguments, run=run),
)
print(rules["implementation"](context)[0][0].path)
