import DataFiles
import Foundation
import Tasks

/// Refuses texts that contain words, phrases or patterns of a list.
///
/// The list is a text file:
///
/// ```
/// # A line that begins with # is a comment.
/// [insults]
/// you fool
/// /stupid(ly)?/
///
/// [private data]
/// /\b\d{3}-\d{2}-\d{4}\b/
/// ```
///
/// A line in brackets names the reason for the lines after it; before the first such line, the reason is the filter's
/// name. A line between slashes is a regular expression (ICU's syntax). Any other line is a phrase, found as whole
/// words: `sad` is not in `sadly`. Case doesn't count. Texts are first brought into Unicode's compatibility form NFKC
/// and rid of characters without a width, so that full-width letters and invisible characters between letters hide
/// nothing.
public struct PhraseFilter: TextFilter {
    /// The filter's name in reports.
    public let name: String
    private let entries: [Entry]

    private struct Entry: Sendable {
        enum Pattern: Sendable {
            case words([String])
            case expression(NSRegularExpression)
        }
        var reason: String
        var pattern: Pattern
        /// Where the entry is in the list.
        var place: String
    }

    /// How often the search for an expression may report progress, which it does about every ten thousand steps: some
    /// expressions take time that doubles with every character of a text.
    private static let mostProgress = 250

    /// Reads a list.
    ///
    /// - Parameter name: the filter's name; by default the file's name without its extension.
    /// - Throws: `InputError` that names the wrong line.
    public init(contentsOf url: URL, name: String? = nil) throws {
        let path = url.path(percentEncoded: false)
        guard let text = String(validating: try MappedFile.contents(of: url), as: UTF8.self) else {
            throw InputError(.unreadable, "text that is not UTF-8", in: path, remedy: "save the file as UTF-8")
        }
        try self.init(
            list: text, name: name ?? url.deletingPathExtension().lastPathComponent, file: url.lastPathComponent)
    }

    /// - Parameters:
    ///   - list: the list, as a file holds it.
    ///   - file: the name in error messages.
    /// - Throws: `InputError` that names the wrong line.
    public init(list: String, name: String, file: String = "the list") throws {
        self.name = name
        var reason = name
        var entries: [Entry] = []
        for (number, line) in list.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            let place = "\(file): line \(number + 1)"
            if line.isEmpty || line.hasPrefix("#") { continue }
            if line.hasPrefix("["), line.hasSuffix("]") {
                reason = String(line.dropFirst().dropLast()).trimmingCharacters(in: .whitespaces)
                guard !reason.isEmpty else {
                    throw InputError.badData("a reason without a name", in: place, remedy: "write [name of the reason]")
                }
            } else if line.hasPrefix("/"), line.hasSuffix("/"), line.count > 2 {
                let pattern = String(line.dropFirst().dropLast())
                guard let expression = try? NSRegularExpression(pattern: pattern, options: [.caseInsensitive]) else {
                    throw InputError.badData(
                        "a regular expression that can't be read", in: place,
                        remedy: "correct it, or write a phrase without slashes")
                }
                entries.append(Entry(reason: reason, pattern: .expression(expression), place: place))
            } else if line.hasPrefix("[") || line.hasPrefix("/") {
                throw InputError.badData(
                    "a line that begins like a reason or a pattern but doesn't end like one", in: place,
                    remedy: "write [reason] or /pattern/ on a line of its own")
            } else {
                let words = Words.lowercased(Self.plain(line))
                guard !words.isEmpty else {
                    throw InputError.badData(
                        "a phrase without words", in: place,
                        remedy: "write words, or a regular expression between slashes")
                }
                entries.append(Entry(reason: reason, pattern: .words(words), place: place))
            }
        }
        guard !entries.isEmpty else {
            throw InputError.badData("no phrases", in: file, remedy: "write one word, phrase or /pattern/ on each line")
        }
        self.entries = entries
    }

    /// The reason of the first line that the text matches; nil if it matches none.
    ///
    /// - Throws: `InputError` if a regular expression takes too many steps on the text: nothing is known of the text
    ///   then.
    /// - Complexity: O(words · phrases), plus the time of the regular expressions.
    public func reasonToRefuse(_ text: CheckedText) throws -> String? {
        let plain = Self.plain(text.text)
        let words = Words.lowercased(plain)
        let whole = NSRange(plain.startIndex..., in: plain)
        return try entries.first { entry in
            switch entry.pattern {
            case .words(let phrase): Words.contain(words, phrase)
            case .expression(let expression): try Self.occurs(expression, in: plain, whole, place: entry.place)
            }
        }?.reason
    }

    private static func occurs(
        _ expression: NSRegularExpression, in text: String, _ range: NSRange, place: String
    ) throws -> Bool {
        var progress = 0
        var isFound = false
        expression.enumerateMatches(in: text, options: [.reportProgress], range: range) { match, _, stop in
            if match == nil { progress += 1 } else { isFound = true }
            if isFound || progress > mostProgress { stop.pointee = true }
        }
        guard isFound || progress <= mostProgress else {
            throw InputError.badData(
                "a regular expression that takes too long on a text", in: place,
                remedy: "write it without repetitions inside repetitions, such as (a+)+")
        }
        return isFound
    }

    /// NFKC without format characters.
    private static func plain(_ text: String) -> String {
        let scalars = text.precomposedStringWithCompatibilityMapping.unicodeScalars.filter {
            $0.properties.generalCategory != .format
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
