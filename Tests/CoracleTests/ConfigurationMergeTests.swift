import OCI
import Rebasing
import Testing

@Suite("The configuration of an image on another base")
struct ConfigurationMergeTests {
    /// What each of three configurations says below `config`, and what they come to.
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// `nil` for a base that is gone.
        let old: String?
        let image: String
        let new: String
        let merged: String

        init(_ title: String, old: String?, image: String, new: String, merged: String) {
            testDescription = title
            (self.old, self.image, self.new, self.merged) = (old, image, new, merged)
        }
    }

    private static func config(_ execution: String, _ others: String = "") throws -> ImageConfig {
        let text = """
            {"architecture":"amd64","os":"linux"\(others),"config":{\(execution)},"rootfs":{"type":"layers","diff_ids":[]}}
            """
        return try ImageConfig(JSON(parsing: Array(text.utf8), named: "test"), named: "test")
    }

    private static func merge(_ old: String?, _ image: String, _ new: String) throws -> ImageConfig {
        try ConfigurationMerge(
            old: try old.map { try config($0) },
            image: try config(image),
            new: try config(new)
        ).merged()
    }

    @Test(
        "what the old base said becomes what the new one says, and what the image changed stays",
        arguments: [
            Case(
                "a variable of the base",
                old: #""Env":["PATH=/bin","VERSION=3.11"]"#,
                image: #""Env":["PATH=/bin","VERSION=3.11","PORT=80"]"#,
                new: #""Env":["PATH=/usr/bin","VERSION=3.13","LANG=C"]"#,
                merged: #""Env":["PATH=/usr/bin","VERSION=3.13","LANG=C","PORT=80"]"#
            ),
            Case(
                "a variable that the new base has no longer",
                old: #""Env":["A=1","B=2"]"#,
                image: #""Env":["A=1","B=2"]"#,
                new: #""Env":["A=1"]"#,
                merged: #""Env":["A=1"]"#
            ),
            Case(
                "a variable that the image changed, and one that it took away",
                old: #""Env":["A=1","B=2"]"#,
                image: #""Env":["A=mine"]"#,
                new: #""Env":["A=9","B=9"]"#,
                merged: #""Env":["A=mine"]"#
            ),
            Case(
                "a PATH that the image put something before and behind",
                old: #""Env":["PATH=/bin:/usr/bin"]"#,
                image: #""Env":["PATH=/app/bin:/bin:/usr/bin:/opt"]"#,
                new: #""Env":["PATH=/usr/sbin:/usr/bin"]"#,
                merged: #""Env":["PATH=/app/bin:/usr/sbin:/usr/bin:/opt"]"#
            ),
            Case(
                "a PATH in which the base's is only a part of a directory's name",
                old: #""Env":["PATH=/bin"]"#,
                image: #""Env":["PATH=/usr/bin"]"#,
                new: #""Env":["PATH=/sbin"]"#,
                merged: #""Env":["PATH=/usr/bin"]"#
            ),
            Case(
                "the PATH that builders set where a base has none",
                old: "",
                image: #""Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]"#,
                new: #""Env":["PATH=/node/bin"]"#,
                merged: #""Env":["PATH=/node/bin"]"#
            ),
            Case(
                "the base's user",
                old: #""User":"1000""#,
                image: #""User":"1000""#,
                new: #""User":"65532""#,
                merged: #""User":"65532""#
            ),
            Case(
                "a user of the base that was not root, and is now",
                old: #""User":"1000""#,
                image: #""User":"1000""#,
                new: #""User":"root:root""#,
                merged: #""User":"1000""#
            ),
            Case(
                "a user of the base where the new one names none",
                old: #""User":"node""#,
                image: #""User":"node""#,
                new: "",
                merged: #""User":"node""#
            ),
            Case(
                "the image's own user",
                old: #""User":"1000""#,
                image: #""User":"7""#,
                new: #""User":"65532""#,
                merged: #""User":"7""#
            ),
            Case(
                "the base's program and its arguments",
                old: #""Entrypoint":["/a"],"Cmd":["x"]"#,
                image: #""Entrypoint":["/a"],"Cmd":["x"]"#,
                new: #""Entrypoint":["/b"],"Cmd":["y"]"#,
                merged: #""Entrypoint":["/b"],"Cmd":["y"]"#
            ),
            Case(
                "the image's own program, without arguments",
                old: #""Cmd":["bash"]"#,
                image: #""Entrypoint":["/app"]"#,
                new: #""Cmd":["sh"]"#,
                merged: #""Entrypoint":["/app"]"#
            ),
            Case(
                "arguments of the image's own for the base's program",
                old: #""Entrypoint":["/a"],"Cmd":["x"]"#,
                image: #""Entrypoint":["/a"],"Cmd":["mine"]"#,
                new: #""Entrypoint":["/b"],"Cmd":["y"]"#,
                merged: #""Entrypoint":["/b"],"Cmd":["mine"]"#
            ),
            Case(
                "the directory that builders write where a base names none",
                old: "",
                image: #""WorkingDir":"/""#,
                new: #""WorkingDir":"/home""#,
                merged: #""WorkingDir":"/home""#
            ),
            Case(
                "labels, ports and volumes one by one",
                old: #""Labels":{"v":"12","gone":"x"},"ExposedPorts":{"80/tcp":{}},"Volumes":{"/a":{}}"#,
                image:
                    #""Labels":{"v":"12","mine":"y"},"ExposedPorts":{"80/tcp":{},"9/udp":{}},"Volumes":{"/b":{}}"#,
                new: #""Labels":{"v":"13","gone":"z"},"ExposedPorts":{"81/tcp":{}},"Volumes":{"/a":{},"/c":{}}"#,
                merged:
                    #""Labels":{"v":"13","mine":"y"},"ExposedPorts":{"81/tcp":{},"9/udp":{}},"Volumes":{"/c":{},"/b":{}}"#
            ),
            Case(
                "members that are not modelled, whatever their order",
                old: #""Healthcheck":{"Test":["a"],"Retries":1},"Shell":["sh"]"#,
                image: #""Healthcheck":{"Retries":1,"Test":["a"]},"Shell":["bash"],"StopSignal":"SIGINT""#,
                new: #""Healthcheck":{"Test":["b"]},"Shell":["dash"],"StopSignal":"SIGQUIT""#,
                merged: #""Healthcheck":{"Test":["b"]},"Shell":["bash"],"StopSignal":"SIGINT""#
            ),
            Case(
                "steps for builds on the base are not the image's",
                old: #""OnBuild":["RUN a"]"#,
                image: "",
                new: #""OnBuild":["RUN b"]"#,
                merged: ""
            ),
            Case(
                "without the old base all that the image says stays, and the new one adds to it",
                old: nil,
                image: #""Env":["A=1"],"Cmd":["x"],"Labels":{"v":"12"},"User":"5""#,
                new: #""Env":["A=2","B=3"],"Cmd":["y"],"Labels":{"v":"13","w":"1"},"User":"6","StopSignal":"SIGINT""#,
                merged:
                    #""Env":["A=1","B=3"],"Cmd":["x"],"Labels":{"v":"12","w":"1"},"User":"5","StopSignal":"SIGINT""#
            ),
        ]
    )
    func merge(_ example: Case) throws {
        let merged = try Self.merge(example.old, example.image, example.new)
        let expected = try Self.config(example.merged)
        #expect(
            String(decoding: merged.json.encoded(sortedKeys: true), as: UTF8.self)
                == String(decoding: expected.json.encoded(sortedKeys: true), as: UTF8.self)
        )
    }

    @Test("the image's time, author and platform stay; members of the whole that are not modelled are merged, too")
    func whole() throws {
        let merged = try ConfigurationMerge(
            old: try Self.config("", #","created":"2001-01-01T00:00:00Z","docker_version":"1","x":"a""#),
            image: try Self.config(
                "",
                #","created":"2002-01-01T00:00:00Z","author":"me","docker_version":"1","x":"b""#
            ),
            new: try Self.config("", #","created":"2003-01-01T00:00:00Z","author":"you","docker_version":"2","x":"c""#)
        ).merged()
        #expect(merged.created == "2002-01-01T00:00:00Z")
        #expect(merged.author == "me")
        #expect(merged.json["docker_version"] == "2")
        #expect(merged.json["x"] == "b")
    }

    @Test("an image that changed nothing says what the new base says, and one whose base stays says what it said")
    func neutral() throws {
        let one = #""Env":["A=1"],"Entrypoint":["/a"],"Labels":{"l":"1"},"User":"5","Healthcheck":{"Test":["x"]}"#
        let two = #""Env":["B=1"],"Cmd":["c"],"ExposedPorts":{"1/tcp":{}},"User":"6","WorkingDir":"/w""#
        #expect(try Self.merge(one, one, two) == Self.config(two))
        #expect(try Self.merge(one, two, one) == Self.config(two))
    }

    @Test("changes are named without the values of variables and labels")
    func changes() throws {
        let old = try Self.config(#""Env":["A=secret","B=1"],"User":"5","Labels":{"l":"secret"}"#)
        let new = try Self.config(#""Env":["A=other","C=1"],"User":"6","ExposedPorts":{"1/tcp":{}},"Cmd":["x"]"#)
        #expect(
            ConfigurationChange.list(from: old, to: new) == [
                #"command none → `["x"]`"#, "env A changed", "env B gone", "env C new", "port 1/tcp new",
                "label l gone", "user `5` → `6`",
            ]
        )
    }
}
