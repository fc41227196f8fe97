import OrderedCollections

/// Variables of a template's block, on top of those around it.
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

/// A `for` loop that runs: what `loop` tells about.
struct LoopState {
    var elements: [Value]
    var index = 0
    var depth: Int
    /// The loop itself and its variables, for `loop(children)`.
    var recursion: (loop: ForLoop, scope: Scope)?
    var lastChanged: [Value]?
    /// Whether its elements have a length in Python without being walked.
    var isEnded = false
}

/// A macro together with the variables around its definition.
struct MacroClosure {
    var definition: MacroDefinition
    var scope: Scope
}

/// An iterator and how far it was walked.
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

/// What follows a statement.
enum Flow {
    case next, breakLoop, continueLoop
}

/// The arguments of a call, evaluated.
struct Arguments {
    var positional: [Value] = []
    var keyword: OrderedDictionary<String, Value> = [:]

    var isEmpty: Bool { positional.isEmpty && keyword.isEmpty }

    /// The arguments in the order of the parameters, `nil` where not given.
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
