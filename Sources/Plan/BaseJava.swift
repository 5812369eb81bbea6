import Applications
import Diagnostics
import Layers
import Needs
import OCI
import Request
import Stack

/// The Java of a base, by what it says of itself.
struct BaseJava {
    /// Such as 21.
    let version: Int

    /// `nil` if the base does not say.
    init?(of base: Base, _ stack: LayerStack) {
        let variable = base.config.config.env.first { $0.hasPrefix("JAVA_VERSION=") }
        if let text = variable?.dropFirst("JAVA_VERSION=".count), let number = Self.number(text) {
            version = number
            return
        }
        // Debian's packages have the version in the name of their directory.
        let names = ["amd64", "arm64", "armhf", "i386", "ppc64el", "riscv64", "s390x"]
        let number = (8...99).reversed().first { number in
            names.contains { stack.find("/usr/lib/jvm/java-\(number)-openjdk-\($0)") != nil }
        }
        guard let number else { return nil }
        version = number
    }

    /// `21` of `jdk-21.0.9+10`, `21.0.9` and `21`; `8` of `1.8.0` and `8u402`.
    static func number(_ text: Substring) -> Int? {
        let digits = text.drop { !$0.isNumber }
        let parts = digits.split { !$0.isNumber }
        guard let first = parts.first.flatMap({ Int($0) }) else { return nil }
        if first == 1, parts.count > 1 { return Int(parts[1]) }
        return (1...999).contains(first) ? first : nil
    }

    /// Where Java has its authorities, in the images that are used most; `nil` if none of them is there.
    static func trustStore(in stack: LayerStack, _ home: String?) -> StackEntry? {
        let homes = [home, "/opt/java/openjdk", "/usr/lib/jvm/default-java", "/usr/lib/jvm/jre"].compactMap(\.self)
        let places = ["/etc/ssl/certs/java/cacerts"] + homes.map { "\($0)/lib/security/cacerts" }
        return places.lazy.compactMap { stack.find($0) }.first { $0.kind == .file }
    }
}

extension ImagePlanner {
    /// Classes that the base's Java does not read; `nil` if it reads them, or does not say its version.
    func newerJava(_ variant: Application.Variant, on base: Base?, _ stack: LayerStack) -> Diagnostic? {
        guard request.configuration.entrypoint == nil,
            let classes = variant.recognized?.classes ?? variant.servedClasses,
            let base, let java = BaseJava(of: base, stack)
        else { return nil }
        return classes.problem(onJava: java.version, "`\(base.name)`")?.diagnostic(variant.source)
    }

    /// Programs that bring authorities of their own, and may not trust those that the user adds.
    func deafPrograms(_ needs: ApplicationNeeds) -> Diagnostic? {
        guard inputs.runtime?.ownCertificates != nil else { return nil }
        let programs = needs.programs.keys.sorted().filter { path in
            if case .carried? = needs.programs[path]?[Need.certificates] { true } else { false }
        }
        guard let first = programs.first, let reason = needs.programs[first]?[Need.certificates].reason else {
            return nil
        }
        let others = programs.count > 1 ? ", and \(programs.count - 1) more" : ""
        return Diagnostic(
            .planOwnAuthorities,
            "`\(first)`\(others) may not trust the authorities of `--ca`",
            because: "it brings authorities of its own: it \(reason)",
            hint: "build it so that it reads the system's, such as with `rustls-native-certs`, or tell it its own way"
        )
    }
}

extension Diagnostic.Code {
    static let planOwnAuthorities = Self("plan.own-authorities", .input)
}
