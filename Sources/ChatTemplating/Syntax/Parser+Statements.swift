extension Parser {
    /// Reads statements up to a tag with one of these names, which stays the current token; without names, up to the
    /// end.
    mutating func statements(until ends: [String]) throws -> [Statement] {
        var result: [Statement] = []
        while true {
            switch current.kind {
            case .end: return result
            case .data(let text):
                advance()
                result.append(.text(text))
            case .outputBegin:
                advance()
                let line = line
                result.append(.output(try tupleOrExpression(), line: line))
                try expect(.outputEnd, "}}")
            case .blockBegin:
                advance()
                guard case .name(let name) = current.kind else { throw unexpected(expected: "a tag's name") }
                if ends.contains(name) { return result }
                result += try nested { parser in try parser.statement(name) }
                try expect(.blockEnd, "%}")
            default: throw unexpected()
            }
        }
    }

    /// Reads a tag's body: from the end of the tag to one of the named tags, which is skipped.
    mutating func body(of tag: String, until ends: [String]) throws -> (statements: [Statement], end: String) {
        let start = line
        _ = skip(":")
        try expect(.blockEnd, "%}")
        let result = try statements(until: ends)
        guard case .name(let end) = current.kind else {
            throw Failure(
                .syntax, "the tag is not closed", construct: "{% \(tag) %}",
                remedy: "end it with " + ends.map { "{% \($0) %}" }.joined(separator: " or "), line: start)
        }
        advance()
        return (result, end)
    }

    private mutating func statement(_ name: String) throws -> [Statement] {
        let line = line
        if let remedy = Parser.unsupportedTags[name] {
            throw Failure(.unsupported, "this tag is not supported", construct: "{% \(name) %}", remedy: remedy)
        }
        switch name {
        case "if": return [try conditional()]
        case "for": return [try loop()]
        case "set": return [try set()]
        case "macro": return [try macro()]
        case "call": return [try callBlock()]
        case "filter": return [try filterBlock()]
        case "with": return [try with()]
        case "generation": return [try generation()]
        case "print": return try printed()
        case "do":
            advance()
            return [.evaluate(try tupleOrExpression(), line: line)]
        case "break", "continue":
            advance()
            guard loops > 0 else {
                throw Failure(.syntax, "'\(name)' stands outside a loop", construct: "{% \(name) %}", line: line)
            }
            return [name == "break" ? .breakLoop : .continueLoop]
        default:
            throw Failure(
                .syntax, "unknown or misplaced tag", construct: "{% \(name) %}",
                remedy: name.hasPrefix("end") || name.hasPrefix("el") ? "check which tag it should close" : "")
        }
    }

    private static let unsupportedTags: [String: String] = [
        "import": "a chat template must stand on its own",
        "from": "a chat template must stand on its own",
        "include": "a chat template must stand on its own",
        "extends": "a chat template must stand on its own",
        "block": "template inheritance has no use in a chat template; write the block's content in place",
        "autoescape": "chat templates are rendered without escaping; use the filter 'escape'",
        "trans": "write the text itself",
        "debug": "remove it",
    ]

    // MARK: if, for

    private mutating func conditional() throws -> Statement {
        var branches: [Branch] = []
        while true {
            advance()
            let line = line
            let condition = try tupleOrExpression(conditional: false)
            let (body, end) = try body(of: "if", until: ["elif", "else", "endif"])
            branches.append(Branch(condition: condition, body: body, line: line))
            if end == "elif" {
                // `body` has skipped the name, but the `advance` at the start of the loop expects it to be current.
                stepBack()
                continue
            }
            let otherwise = end == "else" ? try self.body(of: "else", until: ["endif"]).statements : []
            return .conditional(branches, otherwise: otherwise)
        }
    }

    private mutating func loop() throws -> Statement {
        let line = line
        advance()
        let target = try assignmentTarget(allowsNamespace: false)
        try expect(name: "in")
        let sequence = try tupleOrExpression(conditional: false, isEnd: { $0.at(name: "recursive") })
        let condition = skip(name: "if") ? try expression() : nil
        let isRecursive = skip(name: "recursive")
        loops += 1
        let (body, end) = try body(of: "for", until: ["endfor", "else"])
        loops -= 1
        let otherwise = end == "else" ? try self.body(of: "else", until: ["endfor"]).statements : []
        return .loop(
            ForLoop(
                target: target, sequence: sequence, condition: condition, isRecursive: isRecursive, body: body,
                otherwise: otherwise, line: line))
    }

    // MARK: set, with, filter, print, generation

    private mutating func set() throws -> Statement {
        let line = line
        advance()
        let target = try assignmentTarget(allowsNamespace: true)
        if skip("=") { return .set(target, try tupleOrExpression(), line: line) }
        let filter = skip("|") ? try filterChain() : nil
        let body = try body(of: "set", until: ["endset"]).statements
        return .setBlock(target, filter: filter, body, line: line)
    }

    private mutating func with() throws -> Statement {
        let line = line
        advance()
        var bindings: [WithBinding] = []
        while current.kind != .blockEnd {
            if !bindings.isEmpty { try expect(",") }
            let target = try assignmentTarget(allowsNamespace: false)
            try expect("=")
            bindings.append(WithBinding(target: target, value: try expression()))
        }
        return .with(bindings, try body(of: "with", until: ["endwith"]).statements, line: line)
    }

    private mutating func filterBlock() throws -> Statement {
        let line = line
        advance()
        let filter = try filterChain()
        return .filterBlock(filter, try body(of: "filter", until: ["endfilter"]).statements, line: line)
    }

    private mutating func printed() throws -> [Statement] {
        advance()
        var result: [Statement] = []
        while current.kind != .blockEnd {
            if !result.isEmpty { try expect(",") }
            let line = line
            result.append(.output(try expression(), line: line))
        }
        return result
    }

    /// `{% generation %}` marks the model's own output; it is rendered like a macro's body.
    private mutating func generation() throws -> Statement {
        advance()
        return .scope(try outsideLoops { try $0.body(of: "generation", until: ["endgeneration"]).statements })
    }
}
