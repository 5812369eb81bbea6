import Diagnostics
import ELF
import Findings
import Gate
import Layers
import Testing

@Suite("What Python imports")
struct PythonTests {
    private static let packages = "/app/lib/python3.13/site-packages"

    /// Python 3.13, an application that begins with `main`, and a package with a module that needs a library.
    private func root(
        main: String,
        package: String = "from ._speedups import x",
        tag: String = "cpython-313-x86_64-linux-gnu"
    )
        -> LibraryRoot
    {
        var root = LibraryRoot.debian()
        root.file("/usr/bin/python3.13", .program())
        root.file("/app/main.py", content: Array(main.utf8))
        root.file("/app/shop/__init__.py", content: Array(package.utf8))
        root.file("/app/shop/_speedups.\(tag).so", .library("x", needed: ["libpq.so.5"]))
        return root
    }

    private func severities(_ root: LibraryRoot) throws -> [String] {
        try root.findings(starting: ["/usr/bin/python3.13", "/app/main.py"]).map { "\($0.rule.code) \($0.severity)" }
    }

    @Test(
        "an import counts that is executed for certain",
        arguments: [
            ("import shop\n", true), ("from shop import y\n", true), ("import os, shop as s\n", true), ("", false),
            ("from importlib import metadata\nimport shop\n", true), ("from imports\nimport shop\n", true),
            ("from os import(path)\nfrom shop import(y)\n", true), ("from importlib import shop\n", false),
            ("from os import \\\n    path\nimport shop\n", true), ("from \nfrom import\nimport", false),
            ("def main():\n    import shop\n", false),
            ("try:\n    import shop\nexcept ImportError:\n    pass\n", false),
            ("try:\n    import shop\nexcept ImportError as error:\n    raise RuntimeError() from error\n", true),
            ("\"\"\"\nimport shop\n\"\"\"\n", false), ("if __name__ == \"__main__\":\n    import shop\n", true),
            ("from os import (\n    path,\n)\nfrom shop import (  # why\n    y,\n)\n", true),
            ("if __SHOP_SETUP__:\n    import os\nelse:\n    import shop\n", true),
            ("if __SHOP_SETUP__:\n    import shop\n", false),
            ("if FAST:\n    import os\nelse:\n    import shop\n", false),
        ]
    )
    func certain(main: String, isCertain: Bool) throws {
        let expected = ["run.library-missing \(isCertain ? "error" : "warning")"]
        #expect(try severities(root(main: main)) == expected)
    }

    @Test("an optional speed-up for another Python is a warning; one that is certainly imported is an error")
    func speedUp() throws {
        let tag = "cpython-311-x86_64-linux-gnu"
        let optional = "try:\n    from ._speedups import x\nexcept ImportError:\n    x = None\n"
        #expect(
            try severities(root(main: "import shop", package: optional, tag: tag)) == ["run.python-tag warning"]
        )
        #expect(try severities(root(main: "import shop", tag: tag)) == ["run.python-tag error"])
    }

    @Test("a source of the same name stands in for a module that does not fit")
    func source() throws {
        var root = root(main: "import shop", tag: "cpython-311-x86_64-linux-gnu")
        root.file("/app/shop/_speedups.py", content: Array("x = 1".utf8))
        #expect(try severities(root) == ["run.python-tag warning"])
    }

    @Test("a module that is for another machine and imported for certain is an error")
    func foreign() throws {
        var root = LibraryRoot.debian()
        root.file("/usr/bin/python3.13", .program())
        root.file("/app/main.py", content: Array("import a\nimport b\n".utf8))
        for name in ["a", "b"] {
            root.file("/app/\(name).so", .library(name, machine: .aarch64, architecture: "arm64"))
        }
        let findings = try root.findings(starting: ["/usr/bin/python3.13", "/app/main.py"])
        #expect(findings.map(\.rule.code) == ["run.machine-mismatch"])
        #expect(findings.first?.summary.hasPrefix("`/app/a.so` and another file are for linux/arm64") == true)
        #expect(findings.first?.places.count == 2)
    }

    @Test(
        "what stands behind `-c` is imported, and what stands behind an import in its line",
        arguments: ["import sys; from shop import x; sys.exit(x())", "from shop import x", "import sys\nimport shop"]
    )
    func code(text: String) throws {
        let findings = try root(main: "").findings(
            starting: ["/usr/bin/python3.13", "-c", text],
            environment: ["PYTHONPATH=/app"]
        )
        #expect(findings.map(\.severity) == [.error])
    }

    @Test(
        "what starts and imports a module that Python lost is warned of, unless something stands in for it",
        arguments: [
            ("3.13", "import cgi", "", true), ("3.11", "import cgi", "", false), ("3.13", "import json", "", false),
            ("3.13", "import cgi", "/app/cgi.py", false), ("3.13", "import distutils", "", true),
            ("3.13", "import distutils", "/app/setuptools/__init__.py", false), ("3.11", "import tkinter", "", true),
            ("3.13", "try:\n    import cgi\nexcept ImportError:\n    cgi = None", "", false),
        ]
    )
    func removed(version: String, main: String, other: String, isWarned: Bool) throws {
        var root = LibraryRoot.debian()
        root.file("/usr/bin/python\(version)", .program())
        root.file("/app/main.py", content: Array("\(main)\n".utf8))
        if !other.isEmpty { root.file(other, content: Array("x = 1\n".utf8)) }
        let findings = try root.findings(starting: ["/usr/bin/python\(version)", "/app/main.py"])
        #expect(findings.map(\.rule.code) == (isWarned ? ["run.python-module"] : []))
    }

    @Test(
        "a module that was not installed is reported, unless it is Python's own, its absence is caught, or packages elsewhere have it",
        arguments: [
            ("import requests", "", true), ("from requests.auth import X", "", true),
            ("import sqlite3, _thread", "", false),
            ("try:\n    import requests\nexcept ImportError:\n    requests = None", "", false),
            ("def get():\n    import requests", "", false), ("from . import requests", "", false),
            ("import requests", "/opt/venv/lib/python3.13/site-packages/requests/__init__.py", false),
            ("import requests", "/opt/venv/lib/python3.13/site-packages/requests.py", false),
        ]
    )
    func notInstalled(main: String, other: String, isTold: Bool) throws {
        var root = LibraryRoot.debian()
        root.file("/usr/bin/python3.13", .program())
        root.file("/app/main.py", content: Array("\(main)\n".utf8))
        if !other.isEmpty { root.file(other, content: Array("x = 1\n".utf8)) }
        let findings = try root.findings(starting: ["/usr/bin/python3.13", "/app/main.py"])
        #expect(findings.map(\.rule.code) == (isTold ? ["run.python-module"] : []))
        #expect(findings.allSatisfy { $0.summary == "`/app/main.py` imports `requests`, which is not in the image" })
    }

    @Test("modules that do not fit for the same reason are one finding")
    func together() throws {
        var root = LibraryRoot.debian()
        root.file("/usr/bin/python3.13", .program())
        root.file("/app/main.py", content: Array("import a\n".utf8))
        for name in ["a", "b", "c"] {
            root.file("/app/\(name).cpython-311-x86_64-linux-gnu.so", .library(name))
        }
        let findings = try root.findings(starting: ["/usr/bin/python3.13", "/app/main.py"])
        #expect(findings.map(\.rule.code) == ["run.python-tag", "run.python-tag"])
        #expect(findings.map(\.severity) == [.error, .warning])
        #expect(findings.last?.summary.contains("and another module are for Python 3.11") == true, "\(findings)")
        #expect(findings.last?.places.count == 2)
    }

    @Test("a module that is named to a server is imported", arguments: ["shop:app", "shop"])
    func server(word: String) throws {
        var root = root(main: "")
        root.file(
            "/app/bin/gunicorn",
            .script(
                Shebang(
                    interpreter: "/usr/bin/python3.13",
                    argument: nil,
                    endsInCarriageReturn: false,
                    isTooLong: false
                )
            )
        )
        let findings = try root.findings(
            starting: ["/app/bin/gunicorn", "-b", ":80", word],
            environment: ["PYTHONPATH=/app"]
        )
        #expect(findings.map(\.severity) == [.error])
    }
}
