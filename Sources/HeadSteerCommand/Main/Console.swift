import Foundation
import Reporting
import TensorCore
import Tokenization

/// Standard output and standard error.
struct Console: Sendable {
    /// Whether a person reads standard output.
    let isOutputTerminal = isatty(STDOUT_FILENO) == 1
    /// Whether a person reads standard error.
    let isErrorTerminal = isatty(STDERR_FILENO) == 1
    /// The terminal's number of columns; 80 if it doesn't say.
    let width = Console.measureSize().columns
    /// The terminal's number of rows; 24 if it doesn't say.
    let height = Console.measureSize().rows
    /// Whether reports on standard output may use colour: on terminals that can, unless `NO_COLOR` is set (no-color.org).
    var usesColour: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isOutputTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    /// How reports on standard output are drawn.
    var style: TerminalStyle { TerminalStyle(usesColour: usesColour, width: width) }

    /// How tables of many columns are drawn: they are cut off only on a terminal.
    var tableStyle: TerminalStyle { isOutputTerminal ? style : TerminalStyle(usesColour: usesColour, width: 400) }

    /// Prints a text and a line break on standard output.
    func output(_ text: String) { outputFragment(text + "\n") }

    /// Prints a text on standard output.
    ///
    /// If that fails, on a full disk or a closed stream, the program ends with one line on standard error: later output
    /// would be lost too.
    func outputFragment(_ text: String) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            errorFragment("error: standard output can't be written to; check the disk or the pipe behind it\n")
            exit(ExitStatus.missingFile.rawValue)
        }
    }

    /// The width that prose is wrapped to: long lines are hard to read on wide terminals.
    var proseWidth: Int { min(width, 100) }

    /// Prints a text on standard output, wrapped to the width of a terminal. Elsewhere lines stay as they are.
    func prose(_ text: String) { output(isOutputTerminal ? wrapped(text, indent: "") : text) }

    /// The text in lines that fit; all but the first are indented.
    private func wrapped(_ text: String, indent: String) -> String {
        TextWrapping.wrap(text, width: max(proseWidth - indent.count, 10)).joined(separator: "\n" + indent)
    }

    /// Prints a line on standard error.
    func error(_ text: String) { errorFragment(text + "\n") }

    /// Prints a text on standard error.
    func errorFragment(_ text: String) {
        // If even this fails, there is nobody to tell.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }

    /// Prints a warning on standard error, after which the work goes on: one line, or on a terminal as many as it
    /// needs.
    func warning(_ text: String) {
        error("warning: " + (isErrorTerminal ? wrapped(text, indent: String(repeating: " ", count: 9)) : text))
    }

    /// Ends a command's text for people with the files that it wrote and the commands to try next.
    ///
    /// - Parameters:
    ///   - wrote: the name of each file's content, and the file's path.
    ///   - next: commands that can be pasted into a shell.
    func close(wrote: [(name: String, path: String)], next: [String] = []) {
        if !wrote.isEmpty {
            let width = (wrote.map(\.name.count).max() ?? 0) + 2
            let rows = wrote.map { "  \($0.name.padding(toLength: width, withPad: " ", startingAt: 0))\($0.path)" }
            output("\n\(style.bold("Wrote"))\n\(rows.joined(separator: "\n"))")
        }
        if !next.isEmpty { output("\n\(style.bold("Next"))\n\(next.map { "  \($0)" }.joined(separator: "\n"))") }
    }

    /// Prints one JSON object on standard output.
    ///
    /// - Throws: `EncodingError` if a number isn't finite; nothing is printed then.
    func json(_ value: some Encodable) throws { try json(encodable: value) }

    /// Prints one JSON object on standard output, with the date and variables of the chat template if one was used.
    ///
    /// - Throws: `EncodingError` if a number isn't finite; nothing is printed then.
    func json(_ value: some Encodable, template: ChatTemplateSettings?) throws {
        try json(encodable: WithFields(value: value, precision: nil, template: template))
    }

    /// Prints one JSON object on standard output, with the precision that its numbers were computed in, and with the
    /// date and variables of the chat template if one was used.
    ///
    /// - Throws: `EncodingError` if a number isn't finite; nothing is printed then.
    func json(_ value: some Encodable, precision: Precision, template: ChatTemplateSettings? = nil) throws {
        try json(encodable: WithFields(value: value, precision: precision, template: template))
    }

    private func json(encodable value: some Encodable) throws {
        let encoder = JSONEncoder.oneLine
        output(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    private static func measureSize() -> (columns: Int, rows: Int) {
        var size = winsize()
        for descriptor in [STDOUT_FILENO, STDERR_FILENO] where isatty(descriptor) == 1 {
            if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
                return (max(Int(size.ws_col), 20), size.ws_row > 0 ? Int(size.ws_row) : 24)
            }
        }
        // For terminals that don't report their size, the environment may.
        let columns = ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) }
        return (min(max(columns ?? 80, 20), 1000), 24)
    }
}

/// An object with additional fields: `precision`, and a template's `date` and `templateVariables`.
struct WithFields<Value: Encodable>: Encodable {
    let value: Value
    var precision: Precision?
    let template: ChatTemplateSettings?

    private enum Key: String, CodingKey { case precision }

    func encode(to encoder: any Encoder) throws {
        try value.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encodeIfPresent(precision, forKey: .precision)
        try template?.encode(to: encoder)
    }
}
