import Foundation
import OrderedCollections

/// A model's chat template: Jinja2 text, read once and rendered for each conversation.
///
/// Renders what Python's jinja2 does in a sandbox with `trim_blocks`, `lstrip_blocks`, loop controls and without
/// escaping, which is how Hugging Face transformers renders chat templates. The template can reach nothing but the
/// variables it is given; time, memory and nesting are bounded by ``TemplateLimits``.
///
/// There are all of Jinja's expressions and tests, the methods of Python's strings, lists and dictionaries that don't
/// change them, and the tags `if`, `for` (also recursive, with `break` and `continue`), `set`, `macro`, `call`,
/// `filter`, `with`, `raw`, `do`, `print` and `generation`. What differs from Python:
/// - Not there, and an error that says so: `import`, `include`, `extends`, `block`, `autoescape`; the filters `random`,
///   `filesizeformat`, `pprint`, `striptags`, `urlize`, `wordwrap`, `xmlattr`; printing functions and iterators.
/// - Integers have 64 bits; a result outside them is an error.
/// - An unknown filter or test is found when it is reached, not when the template is read.
/// - A variable of the caller that the template sets later at its top level is seen until then.
///
/// ```swift
/// let template = try Template("{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}")
/// let text = try template.render(["messages": [["role": "user", "content": "Hello"]]], now: Date())
/// ```
public struct Template: Sendable {
    /// What rendering may spend.
    public let limits: TemplateLimits
    /// The names of the variables and functions that the template's expressions read, whether the caller gives them or
    /// the template sets them itself.
    public let names: Set<String>
    let body: [Statement]

    /// Reads a template.
    ///
    /// - Throws: `TemplateError` with the line, where the text is not Jinja or uses a tag that is not supported.
    /// - Complexity: O(length).
    public init(_ source: String, limits: TemplateLimits = .default) throws(TemplateError) {
        self.limits = limits
        (body, names) = try LargeStack.run(depth: limits.depth) { Template.parse(source, limits) }
    }

    private static func parse(
        _ source: String, _ limits: TemplateLimits
    ) -> Result<([Statement], Set<String>), TemplateError> {
        var line = 1
        do {
            guard source.utf8.count <= limits.sourceBytes else {
                throw Failure(.limitExceeded, "the template is longer than \(limits.sourceBytes) bytes")
            }
            var lexer = Lexer(source)
            let tokens: [Token]
            do { tokens = try lexer.tokens() } catch { line = lexer.line; throw error }
            var parser = Parser(tokens, limits: limits)
            do { return .success((try parser.template(), parser.names)) } catch { line = parser.line; throw error }
        } catch {
            return .failure(TemplateError(error, line: line))
        }
    }

    /// Renders the template.
    ///
    /// - Parameters:
    ///   - variables: the template's variables: `messages`, `add_generation_prompt`, `bos_token`, `eos_token`, `tools`
    ///     (`.null` for none) and whatever else the model's template reads.
    ///   - now: the moment that `strftime_now(format)` tells.
    ///   - timeZone: the zone it is told in.
    /// - Throws: `TemplateError`; its kind is `.raisedByTemplate` where the template called `raise_exception`.
    public func render(
        _ variables: OrderedDictionary<String, TemplateValue>, now: Date, timeZone: TimeZone = .gmt
    ) throws(TemplateError) -> String {
        let (body, limits, clock) = (body, limits, Clock(now: now, timeZone: timeZone))
        return try LargeStack.run(depth: limits.depth) {
            let interpreter = Interpreter(limits: limits, clock: clock)
            do {
                return .success(try interpreter.render(body, variables))
            } catch {
                return .failure(TemplateError(error, line: interpreter.line))
            }
        }
    }
}
