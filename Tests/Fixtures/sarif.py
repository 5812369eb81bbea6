"""Whether a SARIF log is as the specification wants it: prints the rules of its results, or says what is wrong.

Argument: the log's path. OASIS, SARIF 2.1.0: of each object that coracle writes, which properties there may be, which there have to be, and what they are. What the table
does not name is refused, as the specification's own JSON schema does.
"""

import json
import re
import sys
from urllib.parse import unquote

REQUIRED, OPTIONAL = True, False
URI = re.compile(r"([A-Za-z0-9._~/-]|%[0-9A-F]{2})+")

# Of each property: whether it has to be there, and what it is: a type, a pattern, some values, another object, a list of it, or a map to it.
OBJECTS = {
    "log": {  # § 3.13
        "$schema": (REQUIRED, re.compile(r"https://json\.schemastore\.org/sarif-2\.1\.0\.json")),
        "version": (REQUIRED, {"2.1.0"}),
        "runs": (REQUIRED, ["run"]),
    },
    "run": {  # § 3.14
        "tool": (REQUIRED, "tool"),
        "originalUriBaseIds": (OPTIONAL, {"": "base"}),
        "columnKind": (OPTIONAL, {"utf16CodeUnits", "unicodeCodePoints"}),
        "results": (REQUIRED, ["result"]),
    },
    "tool": {"driver": (REQUIRED, "component")},  # § 3.18
    "component": {  # § 3.19
        "name": (REQUIRED, re.compile("coracle")),
        "version": (REQUIRED, re.compile(r"\d+\.\d+\.\d+.*")),
        "rules": (REQUIRED, ["rule"]),
    },
    "rule": {  # § 3.49
        "id": (REQUIRED, re.compile(r"[a-z]+\.[a-z-]+")),
        "shortDescription": (REQUIRED, "message"),
        "defaultConfiguration": (REQUIRED, "configuration"),
    },
    "configuration": {"level": (REQUIRED, {"none", "note", "warning", "error"})},  # § 3.50
    "base": {"description": (OPTIONAL, "message")},  # § 3.14.14: an absolute place, or none
    "message": {"text": (REQUIRED, re.compile(r"(?s).+"))},  # §§ 3.11, 3.12
    "result": {  # § 3.27
        "ruleId": (REQUIRED, re.compile(r"[a-z]+\.[a-z-]+")),
        "ruleIndex": (REQUIRED, int),
        "level": (REQUIRED, {"none", "note", "warning", "error"}),
        "message": (REQUIRED, "message"),
        "locations": (REQUIRED, ["location"]),
        "partialFingerprints": (REQUIRED, {"": re.compile(r"[0-9a-f]{64}")}),
        "suppressions": (OPTIONAL, ["suppression"]),
    },
    "location": {  # § 3.28; pages refuse a result without a physical location
        "physicalLocation": (REQUIRED, "place"),
        "logicalLocations": (REQUIRED, ["name"]),
    },
    "place": {"artifactLocation": (REQUIRED, "artifact"), "region": (REQUIRED, "region")},  # § 3.29
    "artifact": {"uri": (REQUIRED, URI), "uriBaseId": (OPTIONAL, re.compile("[A-Z]+"))},  # § 3.4
    "region": {"startLine": (REQUIRED, {1})},  # § 3.30
    "name": {"fullyQualifiedName": (REQUIRED, re.compile(".+")), "kind": (REQUIRED, {"module"})},  # § 3.33
    "suppression": {"kind": (REQUIRED, {"inSource", "external"}), "justification": (REQUIRED, str)},  # § 3.35
}


def check(kind, value, where):
    if isinstance(kind, list):
        assert isinstance(value, list), f"{where} is no list"
        for number, item in enumerate(value):
            check(kind[0], item, f"{where}[{number}]")
    elif isinstance(kind, dict):
        for key, item in value.items():
            check(kind[""], item, f"{where}.{key}")
    elif isinstance(kind, set):
        assert value in kind, f"{where} is {value!r}"
    elif isinstance(kind, re.Pattern):
        assert isinstance(value, str) and kind.fullmatch(value), f"{where} is {value!r}"
    elif isinstance(kind, type):
        assert type(value) is kind, f"{where} is {value!r}"
    else:
        properties = OBJECTS[kind]
        assert isinstance(value, dict), f"{where} is no object"
        assert value.keys() <= properties.keys(), f"{where} has {value.keys() - properties.keys()}"
        for name, (is_required, property_kind) in properties.items():
            if name in value:
                check(property_kind, value[name], f"{where}.{name}")
            else:
                assert not is_required, f"{where} has no {name}"


def whole(run):
    """What one object says of another."""
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(ids)) == len(ids), "a rule is there twice"
    assert set(ids) == {result["ruleId"] for result in run["results"]}, "there is a rule without a result"
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"], "an index is another rule's"
        for location in result["locations"]:
            base = location["physicalLocation"]["artifactLocation"].get("uriBaseId")
            assert base is None or base in run["originalUriBaseIds"], f"{base} is not said"
            assert not location["physicalLocation"]["artifactLocation"]["uri"].startswith("/")


log = json.load(open(sys.argv[1]))
check("log", log, "log")
for broken in ({}, {**log, "extra": 1}, {**log, "version": "2.0.0"}, {**log, "runs": [{}]}):
    try:
        check("log", broken, "log")
    except AssertionError:
        continue
    sys.exit("everything passes")
for run in log["runs"]:
    whole(run)
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        print(result["level"], result["ruleId"], unquote(place), "suppressed" if "suppressions" in result else "")
