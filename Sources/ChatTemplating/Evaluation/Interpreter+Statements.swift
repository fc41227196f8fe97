extension Interpreter {
    func execute(_ statements: [Statement]) throws -> Flow {
        for statement in statements {
            try charge()
            let flow = try execute(statement)
            if flow != .next { return flow }
        }
        return .next
    }

    private func execute(_ statement: Statement) throws -> Flow {
        try enter()
        defer { leave() }
        switch statement {
        case .text(let text): try write(text)
        case .output(let expression, let line): try write(expression, line)
        case .conditional(let branches, let otherwise): return try choose(branches, otherwise)
        case .loop(let loop): try run(loop)
        case .set(let target, let expression, let line): try set(target, expression, line)
        case .setBlock(let target, let filter, let body, let line): return try set(target, filter, body, line)
        case .macro(let definition): define(definition)
        case .callBlock(let callee, let arguments, let body, let line): try call(callee, arguments, body, line)
        case .filterBlock(let filter, let body, let line): return try apply(filter, body, line)
        case .with(let bindings, let body, let line): return try bind(bindings, body, line)
        case .scope(let body): return try inScope { try execute(body) }
        case .evaluate(let expression, let line):
            self.line = line
            _ = try evaluate(expression)
        case .breakLoop: return .breakLoop
        case .continueLoop: return .continueLoop
        }
        return .next
    }

    func write(_ text: Text) throws {
        try charge(characters: text.count)
        output += text.scalars
    }

    private func write(_ expression: Expression, _ line: Int) throws {
        self.line = line
        let value = try evaluate(expression)
        try write(try text(of: value))
    }

    private func choose(_ branches: [Branch], _ otherwise: [Statement]) throws -> Flow {
        for branch in branches {
            line = branch.line
            if try isTrue(evaluate(branch.condition)) { return try execute(branch.body) }
        }
        return try execute(otherwise)
    }

    func inScope<Result>(_ parent: Scope? = nil, _ run: () throws -> Result) throws -> Result {
        let outer = scope
        scope = Scope(inside: parent ?? outer)
        defer { scope = outer }
        return try run()
    }

    /// Runs statements and captures their output.
    func captured(_ run: () throws -> Flow) throws -> (text: Text, flow: Flow) {
        let outer = output
        output = []
        defer { output = outer }
        let flow = try run()
        return (Text(output), flow)
    }

    // MARK: Assignments

    private func set(_ target: AssignmentTarget, _ expression: Expression, _ line: Int) throws {
        self.line = line
        let value = try evaluate(expression)
        self.line = line
        try assign(value, to: target)
    }

    private func set(
        _ target: AssignmentTarget, _ filter: Expression?, _ body: [Statement], _ line: Int
    ) throws -> Flow {
        let (text, flow) = try captured { try inScope { try execute(body) } }
        guard flow == .next else { return flow }
        self.line = line
        let value = try filter.map { try filtered(text, $0) } ?? .string(text)
        try assign(value, to: target)
        return .next
    }

    func assign(_ value: Value, to target: AssignmentTarget) throws {
        switch target {
        case .name(let name): scope.variables[name] = value
        case .namespaceAttribute(let name, let attribute):
            guard case .namespace(let index) = scope.value(of: name) else {
                throw Failure(
                    .evaluation, "cannot assign attribute on non-namespace object",
                    construct: "set \(name).\(attribute)",
                    remedy: "make '\(name)' a namespace()")
            }
            try checkNamespace(attribute)
            namespaces[index][attribute] = value
        case .tuple(let targets):
            let elements = try elements(of: value)
            guard elements.count == targets.count else {
                throw Failure(
                    .evaluation, "\(targets.count) names for \(elements.count) values",
                    construct: "assignment to a tuple")
            }
            for (element, target) in zip(elements, targets) { try assign(element, to: target) }
        }
    }

    func checkNamespace(_ attribute: String) throws {
        guard !attribute.hasPrefix("_") else {
            throw Failure(.forbidden, "a namespace can't hold '\(attribute)'", remedy: "drop the underscore")
        }
    }

    // MARK: Blocks

    private func bind(_ bindings: [WithBinding], _ body: [Statement], _ line: Int) throws -> Flow {
        self.line = line
        let values = try bindings.map { try evaluate($0.value) }
        return try inScope {
            for (binding, value) in zip(bindings, values) { try assign(value, to: binding.target) }
            return try execute(body)
        }
    }

    private func apply(_ filter: Expression, _ body: [Statement], _ line: Int) throws -> Flow {
        let (content, flow) = try captured { try inScope { try execute(body) } }
        guard flow == .next else { return flow }
        self.line = line
        try write(try text(of: filtered(content, filter)))
        return .next
    }

    /// Applies a filter chain without an operand to a block's text.
    private func filtered(_ block: Text, _ filter: Expression) throws -> Value {
        guard case .filter(let inner, let name, let arguments, let line) = filter else { return .string(block) }
        let value = try inner.map { try filtered(block, $0) } ?? .string(block)
        let evaluated = try evaluated(arguments)
        self.line = line
        return try apply(filter: name, to: value, evaluated)
    }
}
