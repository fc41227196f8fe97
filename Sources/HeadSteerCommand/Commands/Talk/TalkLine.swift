import DataFiles

/// A line of a conversation: a message, or a command that changes how the next answer is made.
enum TalkLine: Equatable {
    case nothing
    case message(String)
    /// The file of a plan; nil for no plan.
    case plan(String?)
    case strength(Double)
    /// The file of a monitor; nil for no monitor.
    case monitor(String?)
    case reset, help, quit

    static let summary = """
        /plan FILE      steer with this plan; /plan none for no plan
        /strength X     use this multiple of the plan's strength: 0 for none, -1 for the opposite
        /monitor FILE   watch the answers with this monitor; /monitor none for no monitor
        /reset          forget the conversation so far
        /help           show these lines
        /quit           end the conversation
        """

    private static let names = ["/plan", "/strength", "/monitor", "/reset", "/help", "/quit"]

    /// - Throws: `InputError` of the kind `.usage` for an unknown command, or one that lacks what it needs.
    init(_ line: String) throws {
        let text = String(line.trimmingWhitespace())
        guard text.hasPrefix("/") else {
            self = text.isEmpty ? .nothing : .message(text)
            return
        }
        let name = String(text.prefix { !$0.isWhitespace })
        let argument = String(text.dropFirst(name.count).trimmingWhitespace())
        switch name {
        case "/plan": self = .plan(try Self.file(name, argument))
        case "/monitor": self = .monitor(try Self.file(name, argument))
        case "/strength":
            guard let strength = Double(argument), strength.isFinite else {
                throw InputError.usage("/strength '\(argument)'", remedy: "give a number: /strength 0.5")
            }
            self = .strength(strength)
        case "/reset": self = .reset
        case "/help": self = .help
        case "/quit", "/exit": self = .quit
        default:
            let nearest = NearestNames.find(name, among: Self.names).first
            throw InputError.usage(
                "there is no \(name)",
                remedy: nearest.map { "did you mean \($0)? /help shows all" } ?? "/help shows all")
        }
    }

    private static func file(_ name: String, _ argument: String) throws -> String? {
        guard !argument.isEmpty else {
            throw InputError.usage("\(name) without a file", remedy: "give a path, or \(name) none")
        }
        return argument == "none" ? nil : argument
    }
}
