import ByteIO
import Layers

/// Which Java the classes of an application need, and the file that shows it.
package struct ClassVersion: Hashable, Sendable {
    package let number: Int
    /// As it was found: an archive or a class, relative to the directory.
    package let file: String

    /// Takes both as they are.
    package init(number: Int, file: String) {
        self.number = number
        self.file = file
    }
}

extension Recognition {
    /// More classes are not looked into for the one that is started.
    private static let mostClasses = 5000

    /// A directory of classes, of which the only one with a `main` is started.
    ///
    /// - Parameter directory: relative to the application; empty for the application itself.
    func classes(in directory: String, _ libraries: [String]) -> Result? {
        let start = directory.isEmpty ? "" : "\(directory)/"
        let files = classFiles(below: start)
        guard !files.isEmpty else { return nil }
        let path = [directory.isEmpty ? (destination.isEmpty ? "/" : destination) : place(directory)]
        let resources = ["resources"].filter { !directory.isEmpty && contents.hasDirectory($0) }.map(place)
        let all = (resources + path + libraries.map { place("\($0)/*") }).joined(separator: ":")
        func words(_ main: String) -> [String] { ["-cp", all, main] }
        let what = directory.isEmpty ? "`\(files[0])`" : "`\(directory)`"
        func unclear(_ reason: String, _ main: String) -> Result {
            .unclear(javaApplication(what, [], libraries), reason: reason, entrypoint: ["java"] + words(main))
        }
        let isOfDirectory = directory.isEmpty ? "the directory" : "`\(directory)`"
        guard files.count <= Self.mostClasses else {
            return unclear(
                "\(isOfDirectory) has too many classes to look for the one that is started",
                "com.example.Main"
            )
        }
        let classes = files.compactMap { file in
            contents.read(file).flatMap { JavaClass($0) }.map { (file: file, class: $0) }
        }
        // Where a class is says what it is called: others are not found under their names.
        let placed = classes.filter { $0.file == "\(start)\($0.class.name).class" }
        guard !placed.isEmpty else {
            return directory.isEmpty
                ? nil : unclear("nothing says which class of \(isOfDirectory) is started", "com.example.Main")
        }
        let mains = placed.filter(\.class.hasMain)
        guard mains.count == 1 else {
            let names = mains.map { $0.class.name.replacing("/", with: ".") }
            let reason =
                mains.isEmpty
                ? "no class of \(isOfDirectory) has a `main`"
                : "several classes of \(isOfDirectory) have a `main`: "
                    + names.prefix(5).map { "`\($0)`" }.joined(separator: ", ")
            return unclear(reason, names.first ?? "com.example.Main")
        }
        let name = mains[0].class.name.replacing("/", with: ".")
        var application = javaApplication("\(isOfDirectory) has one class with a `main`", words(name), libraries)
        application.classes = ClassVersion(number: mains[0].class.version, file: mains[0].file)
        return .application(application)
    }

    /// Packages of classes at the directory's top.
    func topClasses() -> Result? {
        let libraries = ["lib", "libs"].filter { contents.hasFiles(in: $0, ending: ".jar") }
        return classes(in: "", libraries)
    }

    /// The classes below `start` that can be started by their names, sorted.
    private func classFiles(below start: String) -> [String] {
        contents.entries { name in
            name.starts(with: start.utf8) && name.suffix(6).elementsEqual(".class".utf8)
                && !name.contains(UInt8(ascii: "$")) && !name.dropFirst(start.utf8.count).starts(with: "META-INF/".utf8)
        }.filter { $0.hostFile != nil }.compactMap { contents.name(of: $0.path) }
    }

    /// Which Java the classes of a web archive need: of its own classes, else of its libraries.
    package var webArchiveClasses: ClassVersion? {
        guard contents.hasDirectory("WEB-INF") else { return nil }
        for file in classFiles(below: "WEB-INF/classes/").prefix(1) {
            if let found = contents.read(file).flatMap({ ClassFile($0) }) {
                return ClassVersion(number: found.version, file: file)
            }
        }
        return nil
    }

    /// A library that is for a newer Java than the application's own classes, and than `limit`.
    package func newerLibrary(than limit: Int, in application: RecognizedApplication) -> ClassVersion? {
        guard application.kind == .java else { return nil }
        for directory in application.dependencies {
            for jar in contents.files(in: directory) where jar.hasSuffix(".jar") {
                if let version = contents.file(jar).flatMap({ JavaArchive.anyVersion(in: $0) }), version > limit {
                    return ClassVersion(number: version, file: jar)
                }
            }
        }
        return nil
    }
}

extension ClassVersion {
    /// What is wrong if `base` has Java `number`; `nil` if it reads the classes.
    package func problem(onJava number: Int, _ base: String) -> RecognizedApplication.Problem? {
        guard self.number > number else { return nil }
        return RecognizedApplication.Problem(
            summary: "`\(file)` needs Java \(self.number), and \(base) has Java \(number)",
            reason: "its main class was compiled for Java \(self.number)",
            hint: "compile it with `--release \(number)`, or name a base that has a newer Java, "
                + "such as `--base docker.io/library/eclipse-temurin:\(self.number)-jre`"
        )
    }
}
