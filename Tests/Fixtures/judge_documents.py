#!/usr/bin/env python3
"""What other people's readers say of SBOMs: judge_documents.py FILE…, where SPDX is *.spdx.json and CycloneDX is *.cdx.json.

Prints a line for each problem, and at the end how many documents each program has read.
"""
import json, os, re, sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from ntia_conformance_checker import SbomChecker
from packageurl import PackageURL
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

strict = JsonStrictValidator(SchemaVersion.V1_6)
read = dict.fromkeys(["spdx-tools", "ntia", "cyclonedx", "packageurl"], 0)


def say(program, path, problem):
    print(f"{os.path.basename(path)}: {program}: {problem}")


def urls(value):
    if isinstance(value, dict):
        for key, member in value.items():
            if key == "purl" or (key == "referenceLocator" and value.get("referenceType") == "purl"):
                yield member
            else:
                yield from urls(member)
    elif isinstance(value, list):
        for member in value:
            yield from urls(member)


def spdx(path):
    try:
        document = parse_file(path)
    except Exception as error:
        return say("spdx-tools", path, f"{type(error).__name__}: {error}")
    read["spdx-tools"] += 1
    for message in validate_full_spdx_document(document):
        say("spdx-tools", path, message.validation_message)
    checker = SbomChecker(path, compliance="ntia")
    read["ntia"] += 1
    for element, complete in {
        "author": checker.doc_author,
        "timestamp": checker.doc_timestamp,
        "relationships": checker.dependency_relationships,
    }.items():
        if not complete:
            say("ntia", path, f"no {element}")
    for element, missing in {
        "name": checker.get_components_without_names(),
        "version": checker.get_components_without_versions(),
        "identifier": checker.get_components_without_identifiers(),
        "supplier": checker.get_components_without_suppliers(),
    }.items():
        for package in missing:
            say("ntia", path, f"no {element}: {package[0] if isinstance(package, tuple) else package}")
    for identifier in checker.floating_component_ids:
        say("ntia", path, f"not connected: {identifier}")


def cyclonedx(path):
    with open(path) as file:
        text = file.read()
    problem = strict.validate_str(text)
    read["cyclonedx"] += 1
    if problem:
        say("cyclonedx", path, str(problem).splitlines()[0])
    # What the schema cannot say: each reference is defined once, and leads somewhere.
    document = json.loads(text)
    components = [document["metadata"]["component"], *document.get("components", [])]
    references = [component["bom-ref"] for component in components]
    for reference in {one for one in references if references.count(one) > 1}:
        say("cyclonedx", path, f"defined twice: {reference}")
    for entry in document.get("dependencies", []):
        for reference in [entry["ref"], *entry.get("dependsOn", [])]:
            if reference not in references:
                say("cyclonedx", path, f"leads nowhere: {reference}")


for path in sys.argv[1:]:
    (spdx if path.endswith(".spdx.json") else cyclonedx)(path)
    with open(path) as file:
        for url in urls(json.load(file)):
            try:
                again = PackageURL.from_string(url).to_string()
            except ValueError as error:
                say("packageurl", path, f"{url}: {error}")
                continue
            # It leaves slashes in names and qualifiers as they are, where ECMA-427 wants them encoded, and with the letters of
            # a name without case it makes small those of its encoding.
            again = re.sub("%[0-9a-f]{2}", lambda match: match[0].upper(), again)
            if again.replace("%2F", "/") != url.replace("%2F", "/"):
                say("packageurl", path, f"{url} is read as {again}")
            read["packageurl"] += 1
print("read: " + ", ".join(f"{name} {count}" for name, count in read.items()))
