import Bases
import ByteIO
import Diagnostics
import TestSupport
import Testing

@Suite("The catalogue of bases")
struct CatalogueTests {
    private func shelf(_ files: [String: String]) throws -> (BaseShelf, TemporaryDirectory) {
        let folder = try TemporaryDirectory()
        for suite in ["debian12", "debian13"] { try folder.directory(suite) }
        for (name, text) in files { try folder.file(name, text) }
        return (try BaseShelf(readingFrom: FilePath(folder.path)), folder)
    }

    private func definition(_ purpose: String) -> String {
        "for: \(purpose)\nend-of-life: 2028-06-30\npackages: [libc6]\n"
    }

    @Test("the embedded catalogue is read, and short names are of the newest release")
    func embedded() throws {
        let catalogue = BaseCatalogue([try BaseShelf.embedded()])
        let names = catalogue.all.map(\.name)
        for name in ["static", "base-nossl", "base", "cc"] {
            #expect(names.contains("debian12/\(name)"))
            #expect(names.contains("debian13/\(name)"))
            #expect(try catalogue.find(name)?.name == "debian13/\(name)")
        }
        #expect(names.first?.hasPrefix("debian13/") == true)
        #expect(try catalogue.find("debian12/cc:debug-root")?.name == "debian12/cc:debug-root")
    }

    @Test(
        "a base has a C library and a shell if its packages, or what they need, have them",
        arguments: [
            ("debian13/static", nil, false), ("debian13/static:debug", nil, true), ("debian13/cc", "glibc", false),
            ("debian12/musl", "musl", false), ("debian13/musl", "musl", false), ("debian13/shell", "glibc", true),
            ("debian13/slim", "glibc", true), ("debian13/ruby", "glibc", false),
        ]
    )
    func has(base: String, libc: String?, hasShell: Bool) throws {
        let entry = try BaseCatalogue([try BaseShelf.embedded()]).entry(named: base)
        #expect(entry.libc == libc)
        #expect(entry.hasShell == hasShell)
    }

    @Test("a user's directory adds to it and goes before it")
    func override() throws {
        let (mine, folder) = try shelf(["debian12/cc.yaml": definition("mine"), "debian12/new.yaml": definition("new")])
        let catalogue = BaseCatalogue([mine, try BaseShelf.embedded()])
        #expect(try catalogue.entry(named: "debian12/cc").definition.purpose == "mine")
        #expect(try catalogue.entry(named: "new").definition.origin == folder("debian12/new.yaml"))
        #expect(try catalogue.entry(named: "debian12/base").definition.purpose != "mine")
        #expect(catalogue.all.filter { $0.name == "debian12/cc" }.count == 1)
    }

    @Test("a name outside the catalogue is an image elsewhere; as a base of the catalogue it gets the nearest name")
    func unknown() throws {
        let (mine, folder) = try shelf(["debian12/python3.yaml": definition("mine"), "debian12/x.txt": "no base"])
        let catalogue = BaseCatalogue([mine])
        for name in ["nginx", "debian12/nginx", "debian14/python3", "registry.example.org/python3", "python3@sha256:0"]
        {
            #expect(try catalogue.find(name)?.name == nil)
        }
        do {
            _ = try catalogue.entry(named: "pyhton3:debug")
            Issue.record("it was found")
        } catch {
            #expect(error.code == .baseUnknown)
            #expect(error.hint == "did you mean `python3`?")
        }
        #expect(throws: Diagnostic.self) { try catalogue.find("python3:latest") }
        withExtendedLifetime(folder) {}
    }

    @Test("a base without lock says how to make one")
    func lockMissing() throws {
        let (mine, folder) = try shelf(["debian12/it.yaml": definition("mine")])
        do {
            _ = try BaseCatalogue([mine]).entry(named: "it").lock()
            Issue.record("it has a lock")
        } catch {
            #expect(error.code == .baseLockMissing)
            #expect(error.subject?.description == folder("debian12/packages.lock.json"))
            #expect(error.hint == "make it: `coracle base lock`")
        }
    }

    @Test(
        "a directory without bases, and files in it that cannot be read, are reported",
        arguments: [
            ([:], Diagnostic.Code.baseShelfEmpty),
            (["debian12/a.yaml": "packages: ["], Diagnostic.Code("yaml.malformed", .input)),
            (["debian12/A.yaml": "for: x\n"], Diagnostic.Code("yaml.unexpected", .input)),
            (
                [
                    "debian12/a.yaml": "for: x\nend-of-life: 2028-06-30\npackages: [ab]\n",
                    "debian12/packages.lock.json": "{}",
                ],
                Diagnostic.Code("json.unexpected", .verification)
            ),
        ]
    )
    func refused(files: [String: String], code: Diagnostic.Code) {
        do {
            _ = try shelf(files)
            Issue.record("it was read")
        } catch {
            #expect((error as? Diagnostic)?.code == code)
        }
    }
}
