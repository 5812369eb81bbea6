/// Wheels of one module each, made by the tests.
package enum Wheels {
    private static let script = """
        import sys, zipfile
        place, rows = sys.argv[1], [r.split("|") for r in sys.argv[2:]]
        for name, version, tag, text in rows:
            info = f"{name}-{version}.dist-info"
            with zipfile.ZipFile(f"{place}/{name}-{version}-{tag}.whl", "w") as z:
                z.writestr(f"{name}.py", text)
                z.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
                z.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: {tag}\\n")
                z.writestr(f"{info}/entry_points.txt", f"[console_scripts]\\n{name} = {name}:main\\n")
                z.writestr(f"{info}/RECORD", "")
        """

    /// - Parameter rows: `NAME|VERSION|TAG|MODULE's text`.
    package static func make(_ rows: [String], in directory: String) throws {
        try Command("mkdir", ["-p", directory]).output()
        try Tool.python(script, [directory] + rows)
    }
}
