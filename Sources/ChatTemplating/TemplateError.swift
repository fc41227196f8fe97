/// The reason that a chat template could not be read or rendered.
///
/// Every error names the line of the template and the construct that failed, so the message is enough to find the
/// place.
public struct TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of problem.
    public enum Kind: Sendable, Hashable {
        /// The template's text is not Jinja.
        case syntax
        /// The template uses a part of Jinja that this interpreter lacks (`import`, `extends`, …).
        case unsupported
        /// The template uses an undefined value in something other than a print, a test or a loop.
        case undefinedValue
        /// An operation that its operands don't support: a wrong type, a division by zero, an integer beyond 64 bits.
        case evaluation
        /// An access that the sandbox forbids: private attributes, methods that change a list or a dictionary.
        case forbidden
        /// The template itself rejected its input with `raise_exception(message)`.
        case raisedByTemplate(message: String)
        /// One of ``TemplateLimits`` was reached.
        case limitExceeded
    }

    /// The kind of error, for callers that treat some kinds differently.
    public var kind: Kind
    /// The problem, without a full stop at the end.
    public var message: String
    /// The construct at fault, as the template spells it: `{% include %}`, `filter 'random'`; empty if none applies.
    public var construct: String
    /// The line in the template, counted from 1.
    public var line: Int
    /// A suggestion for fixing it, without a full stop at the end; empty if there is no useful one.
    public var remedy: String

    /// Creates an error for a line of the template.
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

/// An error in code that doesn't know the line; `Template` turns it into a `TemplateError`.
struct Failure: Error {
    var kind: TemplateError.Kind
    var message: String
    var construct = ""
    var remedy = ""
    /// The line, if it is known more precisely than the interpreter's current line.
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
    /// - Parameter line: the template's line at the time of the error, used if the failure has none.
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
