import Archive
import ByteIO
import ELF

/// An archive of Python modules with a `__main__.py`, as zipapp, shiv and pex make them.
///
/// Python's documentation, § zipapp: a zip archive, usually behind a line that names the interpreter.
package struct Zipapp {
    /// The Python that it is for, if something shows that.
    let version: PythonPackages.Version?
    /// An extension module that Python does not find, as it imports none from an archive; `nil` if there is none, or if the
    /// archive unpacks itself.
    ///
    /// Python, zipimport: importing of dynamic modules is disallowed.
    let unloadable: String?

    /// - Parameter shebang: its first line, if there is one.
    init?(_ path: FilePath, _ shebang: Shebang?) {
        guard let archive = ZipArchive(path),
            archive.entry(where: { $0.elementsEqual("__main__.py".utf8) || $0.elementsEqual("__main__.pyc".utf8) })
                != nil
        else { return nil }
        var compiled: PythonPackages.Version?
        var modules = [String]()
        var unpacksItself = false
        archive.forEach { bytes, _ in
            // As pex and shiv make them.
            if bytes.elementsEqual("PEX-INFO".utf8) || bytes.starts(with: "_bootstrap/".utf8) { unpacksItself = true }
            guard modules.isEmpty || compiled == nil, bytes.suffix(3).elementsEqual(".so".utf8) else { return true }
            let name = String(decoding: bytes, as: UTF8.self)
            modules.append(name)
            if let number = PythonPackages.version(ofModule: name) {
                compiled = PythonPackages.Version(number: number, evidence: name, isBinding: true)
            }
            return true
        }
        unloadable = unpacksItself ? nil : modules.first
        let program = shebang?.program.split(separator: "/").last ?? ""
        let named = program.hasPrefix("python3.") ? PythonPackages.number(program.dropFirst("python".count)) : nil
        version =
            compiled ?? named.map { PythonPackages.Version(number: $0, evidence: "its first line", isBinding: false) }
    }
}

extension Recognition {
    /// `archive` as an application that the image's Python starts.
    ///
    /// - Parameter place: where it is in the image.
    package func zipapp(_ archive: Zipapp, at place: String) -> RecognizedApplication {
        var application = pythonApplication("`__main__.py`", archive.version)
        application.arguments = [place]
        if let module = archive.unloadable {
            application.passedOver.append(
                "Python does not import `\(module)` from an archive: give the directory, or an archive of pex or shiv"
            )
        }
        return application
    }
}
