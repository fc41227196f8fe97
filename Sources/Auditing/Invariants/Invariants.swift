import DataFiles
import DataSets
import Tasks
import Tokenization
import Transformer

/// What must hold before anything is measured.
public struct Invariants: Sendable, Codable, Equatable {
    /// The fingerprint of the model's weights and configuration: `sha256:…`.
    public var fingerprint: String
    /// Whether an edit of strength 0 at every head leaves all logits of the first items bit for bit as they are.
    public var zeroIsIdentical: Bool
    /// Whether the same pass twice gives the same bits.
    public var repeatsItself: Bool
    /// The first texts that directions are fitted to, token by token, with the read tokens in ⟦ ⟧.
    public var readTexts: [String]
    /// The first test prompts, token by token.
    public var testPrompts: [String]
    /// Rows that occur twice within a half, with their lines; they count twice.
    public var repeated: [String]

    /// Whether the decisive checks hold: an edit of strength 0 changes nothing, and a second pass gives the same bits.
    public var holds: Bool { zeroIsIdentical && repeatsItself }
}

/// Texts that occur more than once.
enum RepeatedTexts {
    /// Checks that no text is on both sides of a split, and says which texts one side has twice.
    ///
    /// - Throws: `InputError` that names the lines of a text on both sides: measurements on texts that directions were
    ///   fitted to say nothing.
    static func check(_ first: DataSet, _ second: DataSet, file: String) throws -> [String] {
        var repeated: [String] = []
        var sides: [[String: Int]] = []
        for side in [first, second] {
            var lines: [String: Int] = [:]
            for (text, line) in side.rowTexts {
                if let earlier = lines[text] {
                    repeated.append("lines \(earlier) and \(line): \(text.prefix(60))")
                } else {
                    lines[text] = line
                }
            }
            sides.append(lines)
        }
        for (text, line) in sides[0].sorted(by: { $0.value < $1.value }) {
            guard let other = sides[1][text] else { continue }
            throw InputError.badData(
                "the same text on lines \(min(line, other)) and \(max(line, other)), in different groups: one would be fitted on and the other "
                    + "tested on", in: file, remedy: "delete one, or give both the same \"group\"")
        }
        return repeated
    }
}

extension DataSet {
    /// What each row says, ignoring case and white space, and its line.
    fileprivate var rowTexts: [(text: String, line: Int)] {
        func plain(_ text: String) -> String {
            text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        return switch self {
        case .labelled(let rows): rows.map { (plain($0.text), $0.line) }
        case .choice(let rows): rows.map { (plain($0.question), $0.line) }
        case .contrast(let rows): rows.map { (plain($0.prompt), $0.line) }
        }
    }
}
