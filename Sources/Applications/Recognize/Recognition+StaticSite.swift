extension Recognition {
    /// Nothing but what a browser asks for: busybox serves it.
    func staticSite() -> Result? {
        guard contents.hasFile("index.html") else { return nil }
        return .application(
            RecognizedApplication(
                kind: .staticSite,
                evidence: "`index.html`",
                base: ApplicationKind.staticSite.catalogueBase,
                interpreter: "/busybox/busybox",
                arguments: ["httpd", "-f", "-p", "8080", "-h", destination.isEmpty ? "/" : destination],
                ports: ["8080/tcp"]
            )
        )
    }
}
