/// Turns tokens into statements and expressions.
///
/// Statements are in `Parser+Statements`, expressions in `Parser+Expressions`.
struct Parser {
    private let tokens: [Token]
    private var index = 0
    let limits: TemplateLimits
    private var depth = 0
    /// The number of loops around the current position within the same macro; `break` needs at least one.
    var loops = 0
    /// For each macro around the current position, the special names that its body has read so far.
    var specialNames: [Set<String>] = []

    /// The names that expressions have read so far.
    var names: Set<String> = []

    init(_ tokens: [Token], limits: TemplateLimits) {
        self.tokens = tokens
        self.limits = limits
    }

    mutating func template() throws -> [Statement] {
        let body = try statements(until: [])
        guard case .end = current.kind else { throw unexpected() }
        return body
    }

    // MARK: Tokens

    var current: Token { tokens[index] }
    var line: Int { tokens[index].line }
    /// The token after the current one; at the end, the end token again.
    var following: Token { tokens[min(index + 1, tokens.count - 1)] }

    mutating func advance() { index = min(index + 1, tokens.count - 1) }

    mutating func stepBack() { index = max(index - 1, 0) }

    func at(_ symbol: String) -> Bool {
        if case .symbol(let found) = current.kind { return found == symbol }
        return false
    }

    func at(name: String) -> Bool {
        if case .name(let found) = current.kind { return found == name }
        return false
    }

    mutating func skip(_ symbol: String) -> Bool {
        guard at(symbol) else { return false }
        advance()
        return true
    }

    mutating func skip(name: String) -> Bool {
        guard at(name: name) else { return false }
        advance()
        return true
    }

    mutating func expect(_ symbol: String) throws {
        guard skip(symbol) else { throw unexpected(expected: symbol) }
    }

    mutating func expect(name: String) throws {
        guard skip(name: name) else { throw unexpected(expected: name) }
    }

    mutating func expect(_ kind: Token.Kind, _ spelling: String) throws {
        guard current.kind == kind else { throw unexpected(expected: spelling) }
        advance()
    }

    mutating func expectName() throws -> String {
        guard case .name(let name) = current.kind else { throw unexpected(expected: "a name") }
        advance()
        return name
    }

    func unexpected(expected: String? = nil) -> Failure {
        let found = "unexpected \(current.spelling)"
        return Failure(.syntax, expected.map { "\(found), expected \($0)" } ?? found)
    }

    // MARK: Nesting

    mutating func nested<Result>(_ parse: (inout Parser) throws -> Result) throws -> Result {
        depth += 1
        defer { depth -= 1 }
        try checkDepth()
        return try parse(&self)
    }

    /// Rejects syntax that nests deeper than the limit; `extra` counts levels that are not counted otherwise.
    func checkDepth(extra: Int = 0) throws {
        guard depth + extra <= limits.depth else {
            throw Failure(.limitExceeded, "the template nests more than \(limits.depth) levels deep")
        }
    }
}
