import OrderedCollections

extension Interpreter {
    func define(_ definition: MacroDefinition) {
        scope.variables[definition.name] = macro(definition)
    }

    private func macro(_ definition: MacroDefinition) -> Value {
        macros.append(MacroClosure(definition: definition, scope: scope))
        return .macro(macros.count - 1)
    }

    /// `{% call macro(…) %}…{% endcall %}`: the macro gets the block as `caller`.
    func call(
        _ callee: Expression, _ arguments: CallArguments, _ body: MacroDefinition, _ line: Int
    ) throws {
        self.line = line
        let function = try evaluate(callee)
        var evaluated = try evaluated(arguments)
        guard evaluated.keyword["caller"] == nil else {
            throw Failure(.evaluation, "'caller' is given twice", construct: "{% call %}")
        }
        evaluated.keyword["caller"] = macro(body)
        self.line = line
        try write(try text(of: call(function, evaluated)))
    }

    func callMacro(_ number: Int, _ arguments: Arguments) throws -> Value {
        let closure = macros[number]
        let definition = closure.definition
        let line = line
        return try nested {
            let (text, _) = try captured {
                try inScope(closure.scope) {
                    try bind(arguments, to: definition)
                    return try execute(definition.body)
                }
            }
            self.line = line
            return .string(text)
        }
    }

    private func bind(_ arguments: Arguments, to macro: MacroDefinition) throws {
        let construct = "macro '\(macro.name)'"
        var keyword = arguments.keyword
        for (index, parameter) in macro.parameters.enumerated() {
            if index < arguments.positional.count {
                scope.variables[parameter.name] = arguments.positional[index]
            } else if let value = keyword.removeValue(forKey: parameter.name) {
                scope.variables[parameter.name] = value
            } else if let value = parameter.defaultValue {
                scope.variables[parameter.name] = try evaluate(value)
            } else {
                scope.variables[parameter.name] = .undefined(.hint("parameter '\(parameter.name)' was not provided"))
            }
        }
        if macro.specialNames.contains("caller") {
            scope.variables["caller"] =
                keyword.removeValue(forKey: "caller") ?? .undefined(.hint("No caller defined"))
        }
        if macro.specialNames.contains("kwargs") {
            var entries: OrderedDictionary<Key, Value> = [:]
            for (name, value) in keyword { entries[Key(.string(Text(name)))] = value }
            scope.variables["kwargs"] = try dictionary(entries)
        } else if let name = keyword.keys.first {
            throw Failure(.evaluation, "takes no keyword argument '\(name)'", construct: construct)
        }
        let extra = arguments.positional.dropFirst(macro.parameters.count)
        if macro.specialNames.contains("varargs") {
            scope.variables["varargs"] = try tuple(Array(extra))
        } else if !extra.isEmpty {
            throw Failure(
                .evaluation, "takes not more than \(macro.parameters.count) arguments", construct: construct)
        }
    }
}
