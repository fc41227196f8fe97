/// An expression in the template.
indirect enum Expression: Sendable {
    case literal(Literal)
    case name(String, line: Int)
    case list([Expression])
    case tuple([Expression])
    case dictionary([DictionaryItem])
    case attribute(Expression, String, line: Int)
    case element(Expression, Expression, line: Int)
    case slice(Expression, SliceBounds, line: Int)
    case call(Expression, CallArguments, line: Int)
    /// A filter; in `{% filter %}` and `{% set %}` blocks it has no operand and applies to the block's text.
    case filter(Expression?, FilterName, CallArguments, line: Int)
    case test(Expression, String, CallArguments, line: Int)
    case not(Expression)
    case negative(Expression, line: Int)
    case positive(Expression, line: Int)
    /// Operators of the same precedence, from left to right.
    case chain(Expression, [ChainLink], line: Int)
    case comparison(Expression, [ComparisonLink], line: Int)
    case and([Expression])
    case or([Expression])
    case conditional(condition: Expression, then: Expression, otherwise: Expression?)
}

typealias FilterName = String

enum Literal: Sendable {
    case none
    case bool(Bool)
    case int(Int)
    case float(Double)
    case string(Text)
}

struct DictionaryItem: Sendable {
    var key: Expression
    var value: Expression
}

struct SliceBounds: Sendable {
    var start: Expression?
    var stop: Expression?
    var step: Expression?
}

struct CallArguments: Sendable {
    var positional: [Expression] = []
    var keyword: [(name: String, value: Expression)] = []
    /// `*list` and `**dictionary`.
    var spread: Expression?
    var keywordSpread: Expression?
}

enum ArithmeticOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case concatenate = "~"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case modulo = "%"
    case power = "**"

    var precedence: Int {
        switch self {
        case .add, .subtract: 1
        case .concatenate: 2
        case .multiply, .divide, .floorDivide, .modulo: 3
        case .power: 4
        }
    }
}

struct ChainLink: Sendable {
    var operation: ArithmeticOperator
    var operand: Expression
}

enum ComparisonOperator: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case contained = "in"
    case notContained = "not in"
}

struct ComparisonLink: Sendable {
    var operation: ComparisonOperator
    var operand: Expression
}

/// The target of an assignment in `set`, `for` or `with`.
indirect enum AssignmentTarget: Sendable {
    case name(String)
    case namespaceAttribute(String, String)
    case tuple([AssignmentTarget])
}

/// A tag of the template, or the text between tags.
indirect enum Statement: Sendable {
    case text(Text)
    case output(Expression, line: Int)
    case conditional([Branch], otherwise: [Statement])
    case loop(ForLoop)
    case set(AssignmentTarget, Expression, line: Int)
    case setBlock(AssignmentTarget, filter: Expression?, [Statement], line: Int)
    case macro(MacroDefinition)
    case callBlock(Expression, CallArguments, body: MacroDefinition, line: Int)
    case filterBlock(Expression, [Statement], line: Int)
    case with([WithBinding], [Statement], line: Int)
    /// Statements with their own variables: `{% generation %}`.
    case scope([Statement])
    case evaluate(Expression, line: Int)
    case breakLoop
    case continueLoop
}

struct Branch: Sendable {
    var condition: Expression
    var body: [Statement]
    var line: Int
}

struct WithBinding: Sendable {
    var target: AssignmentTarget
    var value: Expression
}

struct ForLoop: Sendable {
    var target: AssignmentTarget
    var sequence: Expression
    var condition: Expression?
    var isRecursive: Bool
    var body: [Statement]
    var otherwise: [Statement]
    var line: Int
}

struct MacroDefinition: Sendable {
    struct Parameter: Sendable {
        var name: String
        var defaultValue: Expression?
    }

    var name: String
    var parameters: [Parameter]
    var body: [Statement]
    /// Which of `caller`, `varargs` and `kwargs` the body reads; a call may not pass the others.
    var specialNames: Set<String>
    var line: Int
}
