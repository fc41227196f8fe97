import Foundation
import OrderedCollections

/// A model's chat template: Jinja2 text that is parsed once and rendered for each conversation.
///
/// The output is that of Python's jinja2 in a sandbox with `trim_blocks`, `lstrip_blocks` and loop controls, and
/// without escaping, which is how Hugging Face transformers renders chat templates. The template can access only the
/// variables that it is given; ``TemplateLimits`` bounds its time, memory and nesting.
///
/// It supports all of Jinja's expressions and tests, those methods of Python's strings, lists and dictionaries that
/// don't change them, and the tags `if`, `for` (also recursive, with `break` and `continue`), `set`, `macro`, `call`,
/// `filter`, `with`, `raw`, `do`, `print` and `generation`. The differences from Python are:
/// - Some parts are missing, and using one is an error that names it: `import`, `include`, `extends`, `block`,
///   `autoescape`; the filters `random`, `filesizeformat`, `pprint`, `striptags`, `urlize`, `wordwrap`, `xmlattr`;
///   printing functions and iterators.
/// - Integers have 64 bits; a result outside that range is an error.
/// - An unknown filter or test is an error when it is reached, not when the template is read.
/// - If the template sets one of the caller's variables at its top level, the caller's value is visible until then.
///
/// ```swift
/// let template = try Template("{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}")
/// let text = try template.render(["messages": [["role": "user", "content": "Hello"]]], now: Date())
/// ```
public struct Template: Sendable {
    /// The limits on what rendering may use.
    public let limits: TemplateLimits
    /// The names of the variables and functions that the template's expressions read, whether they come from the caller
    /// or the template sets them itself.
    public let names: Set<String>
    let body: [Statement]

    /// Reads a template.
    ///
    /// - Throws: `TemplateError` with the line, if the text is not Jinja or uses a tag that is not supported.
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
    ///     (`.null` for none) and any others that the model's template reads.
    ///   - now: the moment that `strftime_now(format)` formats.
    ///   - timeZone: the time zone for that moment.
    /// - Throws: `TemplateError`; its kind is `.raisedByTemplate` if the template called `raise_exception`.
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
