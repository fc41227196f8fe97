/// Macros, call blocks and assignment targets.
extension Parser {
    mutating func macro() throws -> Statement {
        let line = line
        advance()
        let name = try expectName()
        return .macro(try macroDefinition(name, parameters: try parameters(), tag: "macro", line: line))
    }

    mutating func callBlock() throws -> Statement {
        let line = line
        advance()
        let parameters = at("(") ? try parameters() : []
        guard case .call(let callee, let arguments, let callLine) = try expression() else {
            throw Failure(.syntax, "the tag needs a call", construct: "{% call %}", line: line)
        }
        let body = try macroDefinition("caller", parameters: parameters, tag: "call", line: line)
        return .callBlock(callee, arguments, body: body, line: callLine)
    }

    private mutating func macroDefinition(
        _ name: String, parameters: [MacroDefinition.Parameter], tag: String, line: Int
    ) throws -> MacroDefinition {
        specialNames.append([])
        let body = try outsideLoops { try $0.body(of: tag, until: ["end" + tag]).statements }
        let special = specialNames.removeLast().subtracting(parameters.map(\.name))
        return MacroDefinition(name: name, parameters: parameters, body: body, specialNames: special, line: line)
    }

    mutating func outsideLoops<Result>(_ parse: (inout Parser) throws -> Result) throws -> Result {
        let outer = loops
        loops = 0
        defer { loops = outer }
        return try parse(&self)
    }

    private mutating func parameters() throws -> [MacroDefinition.Parameter] {
        try expect("(")
        var result: [MacroDefinition.Parameter] = []
        while !at(")") {
            if !result.isEmpty { try expect(",") }
            let name = try expectName()
            guard !result.contains(where: { $0.name == name }) else {
                throw Failure(.syntax, "the parameter '\(name)' is declared twice", construct: "{% macro %}")
            }
            if skip("=") {
                result.append(.init(name: name, defaultValue: try expression()))
            } else if result.last?.defaultValue != nil {
                throw Failure(
                    .syntax, "the parameter '\(name)' needs a default, as the one before has", construct: "{% macro %}")
            } else {
                result.append(.init(name: name, defaultValue: nil))
            }
        }
        try expect(")")
        return result
    }

    // MARK: Targets

    /// `name`, `namespace.attribute` or a tuple of them.
    mutating func assignmentTarget(allowsNamespace: Bool) throws -> AssignmentTarget {
        var targets: [AssignmentTarget] = []
        var isTuple = false
        while true {
            if !targets.isEmpty { try expect(",") }
            if !targets.isEmpty, at("=") || at(name: "in") || at(")") || current.kind == .blockEnd { break }
            targets.append(try singleTarget(allowsNamespace: allowsNamespace))
            guard at(",") else { break }
            isTuple = true
        }
        return isTuple ? .tuple(targets) : targets[0]
    }

    private mutating func singleTarget(allowsNamespace: Bool) throws -> AssignmentTarget {
        if skip("(") {
            let target = try nested { try $0.assignmentTarget(allowsNamespace: allowsNamespace) }
            try expect(")")
            return target
        }
        guard case .name(let name) = current.kind else { throw unexpected(expected: "a name to assign to") }
        let reserved: Set = ["true", "false", "none", "True", "False", "None"]
        if reserved.contains(name) || name == "loop" && loops > 0 {
            throw Failure(.syntax, "can't assign to '\(name)'")
        }
        advance()
        guard allowsNamespace, skip(".") else { return .name(name) }
        return .namespaceAttribute(name, try expectName())
    }
}
