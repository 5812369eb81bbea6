import Diagnostics
import OCI
import Request
import Testing

@Suite("Health checks")
struct HealthcheckTests {
    @Test(
        "what `--healthcheck` takes is what Docker's configuration has",
        arguments: [
            (#"["/a", "b c"]"#, #"{"Test":["CMD","/a","b c"]}"#),
            (#"CMD ["/a"]"#, #"{"Test":["CMD","/a"]}"#),
            ("CMD a || exit 1", #"{"Test":["CMD-SHELL","a || exit 1"]}"#),
            ("NONE", #"{"Test":["NONE"]}"#),
            ("--interval=15s --retries=0 CMD a", #"{"Test":["CMD-SHELL","a"],"Interval":15000000000,"Retries":0}"#),
            ("timeout=1m30s CMD a", #"{"Test":["CMD-SHELL","a"],"Timeout":90000000000}"#),
            (
                "start-period=500ms start-interval=0 CMD a",
                #"{"Test":["CMD-SHELL","a"],"StartInterval":0,"StartPeriod":500000000}"#
            ),
            ("interval=1h CMD A=1 b", #"{"Test":["CMD-SHELL","A=1 b"],"Interval":3600000000000}"#),
        ]
    )
    func read(text: String, json: String) throws {
        let check = try Healthcheck(parsing: text)
        #expect(String(decoding: check.json.encoded(), as: UTF8.self) == json)
        #expect(Healthcheck(check.json) == check)
        #expect(try Healthcheck(parsing: check.text) == check)
    }

    @Test(
        "what is not understood is refused",
        arguments: [
            "", "a", "CMD", "CMD []", "[", "interval=1s", "interval=x CMD a", "interval=-1s CMD a", "every=1s CMD a",
            "retries=1.5 CMD a", "retries=99999999999999999999 CMD a", "interval=9223372036854775807h CMD a",
            "interval=1s NONE", "interval=1 CMD a",
        ]
    )
    func refused(text: String) {
        #expect(throws: Diagnostic.self) { try Healthcheck(parsing: text) }
    }

    @Test("a configuration of others that has none is not taken for one")
    func others() {
        #expect(Healthcheck(JSON.object(JSONObject())) == nil)
        #expect(Healthcheck(.string("x")) == nil)
    }
}
