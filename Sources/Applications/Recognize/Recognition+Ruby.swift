extension Recognition {
    /// A `Gemfile`, and a script of the usual names.
    func ruby() -> Result? {
        guard contents.hasFile("Gemfile") else { return nil }
        guard let script = ["main.rb", "app.rb", "server.rb"].first(where: contents.hasFile) else {
            let application = RecognizedApplication(
                kind: .ruby,
                evidence: "`Gemfile`",
                base: nil,
                interpreter: "ruby",
                dependencies: ["vendor/bundle"].filter(contents.hasDirectory)
            )
            return .unclear(application, reason: "there is a `Gemfile`, and neither `main.rb` nor `app.rb`")
        }
        return .application(
            RecognizedApplication(
                kind: .ruby,
                evidence: "`Gemfile` and `\(script)`",
                base: nil,
                interpreter: "ruby",
                arguments: [place(script)],
                dependencies: ["vendor/bundle"].filter(contents.hasDirectory)
            )
        )
    }
}
