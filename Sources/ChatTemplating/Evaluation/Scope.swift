import OrderedCollections

/// The variables of a template's block, on top of those of the enclosing blocks.
final class Scope {
    var variables: [String: Value] = [:]
    let parent: Scope?

    init(inside parent: Scope?) { self.parent = parent }

    func value(of name: String) -> Value? {
        var scope: Scope? = self
        while let current = scope {
            if let value = current.variables[name] { return value }
            scope = current.parent
        }
        return nil
    }
}

/// The state of a running `for` loop, which `loop` reads.
struct LoopState {
    var elements: [Value]
    var index = 0
    var depth: Int
    /// The loop itself and its variables, for `loop(children)`.
    var recursion: (loop: ForLoop, scope: Scope)?
    var lastChanged: [Value]?
    /// Whether the loop has ended, so that its attributes can no longer be read.
    var isEnded = false
}

/// A macro together with the variables that surround its definition.
struct MacroClosure {
    var definition: MacroDefinition
    var scope: Scope
}

/// An iterator's remaining elements.
struct IteratorState {
    var elements: ArraySlice<Value>
}

struct CyclerState {
    var elements: [Value]
    var index = 0
}

struct JoinerState {
    var separator: Text
    var isUsed = false
}

/// How execution continues after a statement.
enum Flow {
    case next, breakLoop, continueLoop
}

/// The evaluated arguments of a call.
struct Arguments {
    var positional: [Value] = []
    var keyword: OrderedDictionary<String, Value> = [:]

    var isEmpty: Bool { positional.isEmpty && keyword.isEmpty }

    /// The arguments in the order of the parameters, `nil` for those not given.
    func bound(to function: String, _ parameters: [String], required: Int = 0) throws -> [Value?] {
        guard positional.count <= parameters.count else {
            throw Failure(
                .evaluation, "takes at most \(parameters.count) arguments, got \(positional.count)", construct: function
            )
        }
        var result: [Value?] = positional + [Value?](repeating: nil, count: parameters.count - positional.count)
        for (name, value) in keyword {
            guard let index = parameters.firstIndex(of: name) else {
                throw Failure(.evaluation, "takes no argument '\(name)'", construct: function)
            }
            guard result[index] == nil else {
                throw Failure(.evaluation, "got two values for '\(name)'", construct: function)
            }
            result[index] = value
        }
        for index in 0..<required where result[index] == nil {
            throw Failure(.evaluation, "needs the argument '\(parameters[index])'", construct: function)
        }
        return result
    }
}
