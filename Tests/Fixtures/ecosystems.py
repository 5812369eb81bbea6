#!/usr/bin/env python3
"""Writes files as package managers leave them in images, a folder for each ecosystem: ecosystems.py DIRECTORY.

Programs are made by this machine's compilers: Go with modules of a file proxy, C with a section as `cargo auditable` writes it.
"""
import io, json, os, subprocess, sys, zipfile, zlib

root = os.path.abspath(sys.argv[1])


def write(path, content, mode=0o644):
    path = f"{root}/{path}"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    os.chmod(path, mode)


def run(*words, **options):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, timeout=240, **options)


def archive(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return out.getvalue()


# Debian: as in images without dpkg, with an epoch, a rebuild, and a source package of another name.
write("debian/etc/os-release", 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n')
write("debian/etc/debian_version", "13.1\n")
for name, fields in {
    "libc6": "Source: glibc\nVersion: 2.41-12\nDepends: libgcc-s1\n",
    "libgcc-s1": "Source: gcc-14 (14.2.0-19)\nVersion: 14.2.0-19+b1\nDepends: gcc-14-base, libc6\n",
    "gcc-14-base": "Source: gcc-14\nVersion: 14.2.0-19\n",
    "zlib1g": "Source: zlib (1:1.3.dfsg+really1.3.1-1)\nVersion: 1:1.3.dfsg+really1.3.1-1+b1\nDepends: libc6 (>= 2.14)\n",
    "netbase": "Version: 6.5\n",
    "libstdc++6": "Source: gcc-14\nVersion: 14.2.0-19\nDepends: libc6 (>= 2.38), gcc-14-base (= 14.2.0-19)\n",
}.items():
    own = "all" if name == "netbase" else "amd64"
    write(f"debian/var/lib/dpkg/status.d/{name}", f"Package: {name}\nArchitecture: {own}\nMaintainer: Some One <some@example.org>\n{fields}Description: a package\n text\n")

# Go: one module with capitals, one that another replaces, one that a directory replaces.
go = f"{root}/build/go"


def module(path, version):
    escaped = "".join("!" + letter.lower() if letter.isupper() else letter for letter in path)
    place = f"build/proxy/{escaped}/@v"
    definition = f"module {path}\n\ngo 1.19\n"
    write(f"{place}/{version}.mod", definition)
    write(f"{place}/{version}.info", json.dumps({"Version": version, "Time": "2026-01-01T00:00:00Z"}))
    write(f"{place}/list", version + "\n")
    source = "package part\n\nfunc Name() string { return \"part\" }\n"
    write(f"{place}/{version}.zip", archive([(f"{path}@{version}/go.mod", definition), (f"{path}@{version}/part.go", source)]))
    return source


module("example.com/Foo/bar", "v1.2.3")
module("example.com/much/deeper/v2", "v2.0.5")
module("example.com/old", "v1.0.0")
source = module("example.com/fork", "v1.0.1")
write("build/go/lib/go.mod", "module example.com/lib\n")
write("build/go/lib/part.go", source)
names = ["example.com/Foo/bar", "example.com/much/deeper/v2", "example.com/old", "example.com/lib"]
versions = ["v1.2.3", "v2.0.5", "v1.0.0", "v1.1.0"]
requirements = "".join(f"\t{name} {version}\n" for name, version in zip(names, versions))
write("build/go/go.mod", f"module example.com/me/server\n\ngo 1.19\n\nrequire (\n{requirements})\n\nreplace example.com/lib => ./lib\n\nreplace example.com/old => example.com/fork v1.0.1\n")
imports = "".join(f'\tp{number} "{name}"\n' for number, name in enumerate(names))
calls = ", ".join(f"p{number}.Name()" for number in range(len(names)))
write("build/go/main.go", f"package main\n\nimport (\n{imports})\n\nfunc main() {{ println({calls}) }}\n")
environment = dict(os.environ, GOPROXY=f"file://{root}/build/proxy", GOSUMDB="off", GOFLAGS="-mod=mod -modcacherw", GOPATH=f"{root}/build/path", CGO_ENABLED="0", GOWORK="off", GOTOOLCHAIN="local")
os.makedirs(f"{root}/go/app")
run("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", f"{root}/go/app/server", ".", cwd=go, env=environment, stderr=subprocess.PIPE)

# Rust: the program is C; what it was made of stands in the section that `cargo auditable` writes.
crates = {
    "packages": [
        {"name": "tool", "version": "0.3.0", "source": "local", "dependencies": [1, 2], "root": True},
        {"name": "serde", "version": "1.0.200", "source": "crates.io", "dependencies": [2]},
        {"name": "itoa", "version": "1.0.11+build.1", "source": "crates.io"},
        {"name": "cc", "version": "1.0.90", "source": "crates.io", "kind": "build"},
    ]
}
write("build/main.c", "int main(void) { return 0; }\n")
write("build/crates", zlib.compress(json.dumps(crates).encode()))
os.makedirs(f"{root}/rust/app")
run("gcc", "-O1", "-static", "-s", "-o", f"{root}/build/tool", f"{root}/build/main.c")
run("objcopy", "--add-section", f".dep-v0={root}/build/crates", f"{root}/build/tool", f"{root}/rust/app/tool")
os.chmod(f"{root}/rust/app/tool", 0o755)

# npm: scopes, one package in two versions, one twice, a build suffix.
for place, name, version, rest in [
    ("", "own", "1.0.0", {"dependencies": {"left": "*", "@scope/right": "*"}}),
    ("node_modules/left", "left", "2.0.1", {"license": "MIT", "dependencies": {"deep": "1"}, "author": "A B <a@example.org>"}),
    ("node_modules/left/node_modules/deep", "deep", "1.0.0", {"license": {"type": "ISC"}}),
    ("node_modules/deep", "deep", "2.0.0-rc.1+build.5", {"license": "SEE LICENSE IN x", "author": {"name": "C (D)"}}),
    ("node_modules/@scope/right", "@scope/right", "0.1.0", {"license": "(MIT OR Apache-2.0)"}),
    ("node_modules/@scope/right/node_modules/left", "left", "2.0.1", {}),
]:
    write(f"node/app/{place}/package.json".replace("//", "/"), json.dumps({"name": name, "version": version, **rest}))
write("node/app/index.js", "console.log(1)\n")

# Python: names in all spellings.
packages = "usr/lib/python3/site-packages"
for folder, record in {
    "Flask_X-3.0.1.dist-info": "Name: Flask.X\nVersion: 3.0.1\nLicense-Expression: BSD-3-Clause\nRequires-Dist: click>=8\nAuthor: The Team\n",
    "click-8.1.7.dist-info": "Name: click\nVersion: 8.1.7\nLicense: BSD\nAuthor-email: \"T. (Team)\" <team@example.org>\n",
    "typing_extensions-4.12.2.dist-info": "Name: typing_extensions\nVersion: 4.12.2\n",
    "torch-2.4.0+cpu.dist-info": "Name: torch\nVersion: 2.4.0+cpu\n",
}.items():
    write(f"python/{packages}/{folder}/METADATA", f"Metadata-Version: 2.1\n{record}\nA text.\n")
    write(f"python/{packages}/{folder}/RECORD", f"{folder}/METADATA,,\n")
write(f"python/{packages}/older-1.2.egg-info/PKG-INFO", "Metadata-Version: 1.1\nName: older\nVersion: 1.2\n")

# Java: archives in an archive, one of them shaded, one with a manifest alone.


def jar(group, artifact, version, more=()):
    manifest = f"Manifest-Version: 1.0\r\nImplementation-Title: {artifact}\r\nImplementation-Version: {version}\r\n\r\n"
    properties = f"#Generated\nversion={version}\ngroupId={group}\nartifactId={artifact}\n"
    return archive([("META-INF/MANIFEST.MF", manifest), (f"META-INF/maven/{group}/{artifact}/pom.properties", properties), *more])


inner = jar("org.example", "inner", "1.4.2")
shaded = jar("org.example", "shaded", "2.0", [("META-INF/maven/com.other/part/pom.properties", "version=0.9.1\ngroupId=com.other\nartifactId=part\n")])
write("java/app/app.jar", jar("com.example.me", "app", "1.0.0", [("BOOT-INF/lib/inner-1.4.2.jar", inner), ("BOOT-INF/lib/shaded-2.0.jar", shaded)]))
write("java/app/lib/plain-3.1.jar", archive([("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\nImplementation-Title: plain\r\nImplementation-Version: 3.1\r\nImplementation-Vendor-Id: net.plain\r\n\r\n")]))

# .NET, Ruby, PHP.
write("dotnet/app/app.deps.json", json.dumps({
    "runtimeTarget": {"name": ".NETCoreApp,Version=v8.0"},
    "targets": {".NETCoreApp,Version=v8.0": {
        "app/1.0.0": {"dependencies": {"Newtonsoft.Json": "13.0.1"}, "runtime": {"app.dll": {}}},
        "Newtonsoft.Json/13.0.1": {"dependencies": {"Other.Part": "1.0.0-beta.1"}, "runtime": {"lib/net6.0/Newtonsoft.Json.dll": {}}},
        "Other.Part/1.0.0-beta.1": {"runtime": {"lib/net6.0/Other.Part.dll": {}}},
    }},
    "libraries": {
        "app/1.0.0": {"type": "project", "serviceable": False, "sha512": ""},
        "Newtonsoft.Json/13.0.1": {"type": "package", "serviceable": True, "sha512": "sha512-x", "path": "newtonsoft.json/13.0.1"},
        "Other.Part/1.0.0-beta.1": {"type": "package", "serviceable": True, "sha512": "sha512-y", "path": "other.part/1.0.0-beta.1"},
    },
}))
for name, version, platform, rest in [
    ("rack", "3.0.8", "", 's.licenses = ["MIT".freeze]\n  s.authors = ["Leah".freeze]'),
    ("nokogiri", "1.16.0", "-x86_64-linux", 's.licenses = ["MIT".freeze]\n  s.add_runtime_dependency(%q<rack>.freeze, ["~> 3.0"])'),
]:
    stem = f"{name}-{version}{platform}"
    write(f"ruby/usr/local/bundle/specifications/{stem}.gemspec", f'# -*- encoding: utf-8 -*-\n# stub: {name} {version} ruby lib\n\nGem::Specification.new do |s|\n  s.name = "{name}".freeze\n  s.version = "{version}"\n  {rest}\nend\n')
write("php/app/vendor/composer/installed.json", json.dumps({"packages": [
    {"name": "monolog/monolog", "version": "3.5.0", "version_normalized": "3.5.0.0", "type": "library", "license": ["MIT"], "require": {"php": ">=8.1", "psr/log": "^3"}},
    {"name": "psr/log", "version": "3.0.0", "version_normalized": "3.0.0.0", "type": "library", "license": ["MIT", "BSD-3-Clause"]},
], "dev": False}))
# What a hostile package could say of itself.
for number, (name, version, rest) in enumerate([
    ('a"b', "1.0.0", {"license": 'MIT"', "author": '"\\ (x) <y>'}),
    ("%2e%2e", "1?x=1#y", {"license": "GPL-2.0-only AND (MIT", "author": {"name": "()"}}),
    ("@scope/../../up", "v1@2", {"license": "LicenseRef-x", "author": "NOASSERTION"}),
    ("\u202eevil\u200b", "1.0\u0301", {"license": "\u2028" * 3 + "NONE", "author": "\u202e()\r\nb"}),
    ("__proto__", "0" * 300, {"license": "MIT OR " * 50 + "MIT", "author": "Tool: x"}),
    ("x" * 1000, "1", {"license": "x" * 900}),
]):
    write(f"odd/app/node_modules/{number}/package.json", json.dumps({"name": name, "version": version, **rest}))
for number, (name, version, author) in enumerate([("A_b..C", "1!2.0+local", "A (B) <c@d>"), ("\u00fc", "1", "\u202e"), ("a/b", "1:2", "Organization: z")]):
    write(f"odd/{packages}/{number}.egg-info/PKG-INFO", f"Name: {name}\nVersion: {version}\nAuthor: {author}\nLicense: ({name})\n")
write("odd/app/vendor/composer/installed.json", json.dumps([{"name": "A/b/c/d", "version": "dev-main as 1.x-dev".replace(" ", "_"), "license": ["a", "(b"]}, {"name": "@/@", "version": "1"}]))
write("odd/app/x.deps.json", json.dumps({"libraries": {"a/b/1": {"type": "package"}, "/1": {"type": "package"}, "c/": {"type": "package"}}}))
write("odd/app/lib/odd.jar", jar("..", "a:b", "1/2") )
write("odd/usr/specifications/a b-1.0.gemspec", 's.name = "q%q"\ns.version = "1&x=y"\ns.authors = ["()"]\n')
write("odd/etc/os-release", 'ID="de bian?"\nVERSION_ID="1&3#"\nPRETTY_NAME="x\\"y (z)"\n')
write("odd/var/lib/dpkg/status.d/odd", "Package: Odd+\nArchitecture: a&b\nVersion: 1:2~3+b1%41\nSource: s@t (4?5)\nMaintainer: (x)\nDepends: odd+ (>= 1), |,\n")
subprocess.run(["chmod", "-R", "u+w", f"{root}/build"], check=True)
subprocess.run(["rm", "-r", f"{root}/build"], check=True)
