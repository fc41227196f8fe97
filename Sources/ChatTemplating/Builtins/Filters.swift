/// The names of the filters.
enum Filters {
    static let unsupported: [String: String] = [
        "random": "a template must give the same text every time",
        "filesizeformat": "", "pprint": "use 'string'", "urlize": "", "wordwrap": "", "xmlattr": "", "striptags": "",
    ]
    static let text: Set = [
        "capitalize", "center", "e", "escape", "forceescape", "format", "indent", "lower", "replace", "safe", "string",
        "title", "trim", "truncate", "upper", "urlencode", "wordcount", "tojson",
    ]
    static let number: Set = ["abs", "float", "int", "round"]
    static let sequence: Set = [
        "batch", "count", "length", "first", "last", "list", "items", "join", "reverse", "slice", "sum", "default", "d",
        "attr",
    ]
    static let selection: Set = ["map", "select", "reject", "selectattr", "rejectattr"]
    static let order: Set = ["dictsort", "groupby", "max", "min", "sort", "unique"]
    static let names = text.union(number).union(sequence).union(selection).union(order).union(unsupported.keys)
}

extension Interpreter {
    /// `value | name(arguments)`.
    func apply(filter name: String, to value: Value, _ arguments: Arguments) throws -> Value {
        if Filters.text.contains(name) { return try applyText(name, value, arguments) }
        if Filters.sequence.contains(name) { return try applySequence(name, value, arguments) }
        if Filters.selection.contains(name) { return try applySelection(name, value, arguments) }
        if Filters.number.contains(name) { return try applyNumber(name, value, arguments) }
        if Filters.order.contains(name) { return try applyOrder(name, value, arguments) }
        if let remedy = Filters.unsupported[name] {
            throw Failure(.unsupported, "this filter is not supported", construct: "filter '\(name)'", remedy: remedy)
        }
        throw Failure(.syntax, "there is no filter of this name", construct: "filter '\(name)'")
    }

    func flag(_ value: Value?) -> Bool { value.map { isTrue($0) } ?? false }
}
