"""Stands in for GitHub's runner: runs the steps of a composite action with inputs, and prints its outputs as JSON.

usage: run_action.py ACTION.YML FOLDER [INPUT=VALUE ...]      files of the runner go to FOLDER
"""
import json, os, re, subprocess, sys
import yaml

path, folder = sys.argv[1:3]
action = yaml.safe_load(open(path))
assert action["runs"]["using"] == "composite"
inputs = {name: str(value.get("default", "")) for name, value in action["inputs"].items()}
for word in sys.argv[3:]:
    name, value = word.split("=", 1)
    assert name in inputs, name
    inputs[name] = value
outputs, search = {}, os.environ["PATH"]


def value(expression):
    """What `${{ … }}` means: an input, an output of a step, or where the action is."""
    words = expression.strip().split(".")
    if words[0] == "inputs":
        return inputs[words[1]]
    if words[0] == "steps":
        return outputs.get(words[1], {}).get(words[3], "")
    assert expression.strip() == "github.action_path", expression
    return os.path.dirname(os.path.abspath(path))


def expanded(text):
    return re.sub(r"\$\{\{(.*?)\}\}", lambda match: value(match[1]), str(text))


def read_outputs(name):
    """A file of `NAME=VALUE`, or of `NAME<<DELIMITER` and lines."""
    found, lines = {}, open(name).read().split("\n")[:-1]
    while lines:
        line = lines.pop(0)
        if "<<" in line and ("=" not in line or line.index("<<") < line.index("=")):
            key, end = line.split("<<", 1)
            place = lines.index(end)
            found[key], lines = "\n".join(lines[:place]), lines[place + 1 :]
        else:
            key, found[key] = line.split("=", 1)[0], line.split("=", 1)[1]
    return found


def file(name):
    whole = os.path.join(folder, name)
    open(whole, "a").close()
    return whole


for number, step in enumerate(action["runs"]["steps"]):
    assert step["shell"] == "bash"
    # A value that is pasted into a script is a command.
    assert "${{" not in step["run"], step["name"]
    condition = step.get("if")
    if condition:
        name, other = re.fullmatch(r"inputs\.([a-z-]+) != '(.*)'", condition).groups()
        if inputs[name] == other:
            continue
    files = {
        "GITHUB_OUTPUT": file(f"output{number}"),
        "GITHUB_STEP_SUMMARY": file(f"summary{number}"),
        "GITHUB_PATH": file(f"path{number}"),
    }
    environment = dict(os.environ, PATH=search, GITHUB_ACTIONS="true", RUNNER_TEMP=folder, **files)
    environment.update({name: expanded(text) for name, text in step.get("env", {}).items()})
    script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    done = subprocess.run(script, env=environment, stdout=sys.stderr, timeout=120)
    if done.returncode:
        sys.exit(done.returncode)
    search = ":".join(open(files["GITHUB_PATH"]).read().split() + [search])
    if "id" in step:
        outputs[step["id"]] = read_outputs(files["GITHUB_OUTPUT"])
print(json.dumps({name: expanded(output["value"]) for name, output in action["outputs"].items()}))
