import DataFiles

/// A line of a conversation: what is said, or how the next answer is to be made.
enum TalkLine: Equatable {
    case nothing
    case message(String)
    /// A plan's file; nil for none.
    case plan(String?)
    case strength(Double)
    /// A monitor's file; nil for none.
    case monitor(String?)
    case reset, help, quit

    static let summary = """
        /plan FILE      steer with this plan; /plan none for no plan
        /strength X     the multiple of the plan's strength: 0 for none, -1 for the opposite
        /monitor FILE   watch the answers with this monitor; /monitor none for none
        /reset          forget what was said
        /help           show these lines
        /quit           end
        """

    private static let names = ["/plan", "/strength", "/monitor", "/reset", "/help", "/quit"]

    /// - Throws: `InputError` of the kind `.usage` for a command that there isn't, or that lacks what it needs.
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
