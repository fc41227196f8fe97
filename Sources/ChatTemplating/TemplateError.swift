/// Why a chat template could not be read or rendered.
///
/// Every error names the line of the template and the construct that failed, so that the message alone is enough to find
/// the place.
public struct TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of problem.
    public enum Kind: Sendable, Hashable {
        /// The template's text is not Jinja.
        case syntax
        /// The template uses a part of Jinja that this interpreter does not have (`import`, `extends`, …).
        case unsupported
        /// A value that is not defined was used in more than a print, a test or a loop.
        case undefinedValue
        /// An operation that its operands don't have: a wrong type, a division by zero, an integer past 64 bits.
        case evaluation
        /// The sandbox forbids the access: private attributes, methods that change a list or a dictionary.
        case forbidden
        /// The template itself refused its input with `raise_exception(message)`.
        case raisedByTemplate(message: String)
        /// One of ``TemplateLimits`` was reached.
        case limitExceeded
    }

    /// What a caller may want to tell apart.
    public var kind: Kind
    /// What is wrong, without a final full stop.
    public var message: String
    /// The construct at fault, as the template spells it: `{% include %}`, `filter 'random'`. Empty where none applies.
    public var construct: String
    /// The template's line, from 1.
    public var line: Int
    /// What can be done about it, without a final full stop. Empty where nothing sensible can be said.
    public var remedy: String

    /// An error at a line of the template.
    public init(_ kind: Kind, _ message: String, construct: String = "", line: Int, remedy: String = "") {
        self.kind = kind
        self.message = message
        self.construct = construct
        self.line = line
        self.remedy = remedy
    }

    /// One line: `chat template, line N, CONSTRUCT: message; remedy`.
    public var description: String {
        var text = "chat template, line \(line)"
        if !construct.isEmpty { text += ", \(construct)" }
        text += ": \(message)"
        if !remedy.isEmpty { text += "; \(remedy)" }
        return text
    }
}

/// An error below the level that knows about lines; `Template` turns it into a `TemplateError`.
struct Failure: Error {
    var kind: TemplateError.Kind
    var message: String
    var construct = ""
    var remedy = ""
    /// Where it is known better than by the interpreter's current line.
    var line: Int?

    init(
        _ kind: TemplateError.Kind, _ message: String, construct: String = "", remedy: String = "", line: Int? = nil
    ) {
        self.kind = kind
        self.message = message
        self.construct = construct
        self.remedy = remedy
        self.line = line
    }

    static func type(_ message: String) -> Failure { Failure(.evaluation, message) }
}

extension TemplateError {
    /// - Parameter line: where the template was when this happened, unless the failure knows better.
    init(_ error: any Error, line: Int) {
        guard let failure = error as? Failure else {
            self.init(.evaluation, "\(error)", line: line)
            return
        }
        self.init(
            failure.kind, failure.message, construct: failure.construct, line: failure.line ?? line,
            remedy: failure.remedy)
    }
}
