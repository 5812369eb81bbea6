import Diagnostics
import OCI
@testable import Plan
import Request
import Testing

@Suite("The image's configuration")
struct ConfigurationPlanTests {
    private func config(
        hasCertificates: Bool = false,
        _ configure: (inout BuildRequest.Configuration) -> Void = { _ in }
    ) -> (config: ImageConfig, problems: [Diagnostic]) {
        var request = BuildRequest.Configuration()
        configure(&request)
        var problems = Problems()
        let plan = ConfigurationPlan(request, &problems)
        let surroundings = ConfigurationPlan.Surroundings(
            start: .words(["/app/server"]),
            workingDirectory: nil,
            hasCertificates: hasCertificates,
            platform: Platform(os: "linux", architecture: "amd64"),
            created: Timestamp(secondsSince1970: 0)
        )
        let config =
            problems.collect { () throws(Diagnostic) in try plan.config(surroundings) }
            ?? ImageConfig(platform: surroundings.platform)
        do throws(DiagnosticList) {
            try problems.check()
            return (config, [])
        } catch {
            return (config, error.items)
        }
    }

    @Test("without a wish the image has a user, a PATH, a working directory and nothing else")
    func defaults() {
        let (config, problems) = config()
        var expected = ImageConfig(
            platform: Platform(os: "linux", architecture: "amd64"),
            created: "1970-01-01T00:00:00Z"
        )
        expected.config = ImageConfig.Execution(
            user: "65532:65532",
            env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            entrypoint: ["/app/server"],
            workingDir: "/"
        )
        #expect(config == expected)
        #expect(problems.isEmpty)
    }

    @Test(
        "a user is stored as two numbers",
        arguments: [
            ("65532:65532", "65532:65532"), ("0", "0:0"), ("1000", "1000:1000"), ("1000:0", "1000:0"), ("root", "0:0"),
            ("nobody", "65534:65534"),
            ("nonroot", "65532:65532"), ("nonroot:staff", "65532:50"), ("7:nonroot", "7:65532"), ("root:7", "0:7"),
            ("007", "7:7"),
            ("2147483647", "2147483647:2147483647"),
        ]
    )
    func users(text: String, stored: String) {
        let (config, problems) = config { $0.user = text }
        #expect(config.config.user == stored)
        #expect(problems.isEmpty)
    }

    @Test(
        "a value that is not a user is refused",
        arguments: [
            "", ":", "1:", ":1", "1:2:3", "a b", "-1", "+1", "2147483648", "4294967295", "4294967296", "daemon",
            "1:daemon", "0x10",
            "1 ", "ROOT", "１",
        ]
    )
    func refusedUsers(text: String) {
        let problems = config { $0.user = text }.problems
        #expect(codes(problems) == ["configuration.malformed"])
        #expect(problems.first?.subject == .option("--user"))
    }

    @Test(
        "a port is stored with its protocol",
        arguments: [
            ("80", "80/tcp"), ("80/tcp", "80/tcp"), ("53/udp", "53/udp"), ("9/sctp", "9/sctp"), ("65535", "65535/tcp"),
            ("080", "80/tcp"),
        ]
    )
    func ports(text: String, stored: String) {
        let (config, problems) = config { $0.ports = [text] }
        #expect(config.config.exposedPorts == [stored])
        #expect(problems.isEmpty)
    }

    @Test(
        "a value that is not a port is refused",
        arguments: ["", "0", "65536", "70000", "80/xyz", "80/", "/tcp", "80/tcp/x", "http", "-1", "80/TCP", "2-1"]
    )
    func refusedPorts(text: String) {
        #expect(codes(config { $0.ports = [text] }.problems) == ["configuration.malformed"])
    }

    @Test(
        "a signal is a name or a number",
        arguments: [
            ("SIGTERM", true), ("TERM", true), ("15", true), ("1", true), ("64", true), ("SIGRTMIN+3", true),
            ("RTMAX-1", true), ("SIGUSR1", true),
            ("0", false), ("65", false), ("", false), ("SIG", false), ("SIGFOO", false), ("sigterm", false),
            ("TERM ", false), ("-9", false),
            ("SIGTERM+1", false), ("SIGRTMIN+", false), ("SIGRTMIN+x", false), ("SIGRTMINX", false),
            ("SIGRTMIN+31", false), ("SIGRTMIN-1", false), ("RTMIN", true),
        ]
    )
    func signals(text: String, isSignal: Bool) {
        let (config, problems) = config { $0.stopSignal = text }
        #expect(problems.isEmpty == isSignal)
        if isSignal { #expect(config.config.stopSignal == text) }
    }

    @Test("of two values for a variable the later wins, in the earlier's place")
    func environment() {
        let (config, problems) = config(hasCertificates: true) {
            $0.environment = [("A", "1"), ("PATH", "/bin"), ("B", ""), ("A", "x=y"), ("SSL_CERT_FILE", "/own")].map {
                EnvironmentVariable(name: $0, value: $1)
            }
        }
        #expect(config.config.env == ["PATH=/bin", "SSL_CERT_FILE=/own", "A=x=y", "B="])
        #expect(problems.isEmpty)
    }

    @Test("a variable says where the certificates are, if there are any")
    func certificates() {
        #expect(config(hasCertificates: true).config.config.env.last?.hasPrefix("SSL_CERT_FILE=/etc/ssl/") == true)
    }

    @Test(
        "a variable that no process could have is refused",
        arguments: [("", "x"), ("A=B", "x"), ("A\u{0}", "x"), ("A", "x\u{0}y")]
    )
    func refusedEnvironment(name: String, value: String) {
        let problems = config { $0.environment = [EnvironmentVariable(name: name, value: value)] }.problems
        #expect(codes(problems) == ["configuration.malformed"])
        #expect(problems.first?.subject == .option("--env"))
    }

    @Test("paths are absolute", arguments: ["", "data", "./data", "/a/../b", "/a//b"])
    func paths(text: String) {
        #expect(codes(config { $0.volumes = [text] }.problems) == ["entry.path-malformed"])
        #expect(codes(config { $0.workingDirectory = text }.problems) == ["entry.path-malformed"])
    }

    @Test("all mistakes are reported at once")
    func several() {
        let problems = config {
            $0.user = "a b"
            $0.ports = ["0", "80", "x"]
            $0.environment = [EnvironmentVariable(name: "", value: "")]
            $0.labels = ["": "x"]
            $0.stopSignal = "NO"
            $0.volumes = ["x"]
        }.problems
        #expect(problems.count == 7)
        #expect(problems.allSatisfy { $0.hint != nil })
    }
}
