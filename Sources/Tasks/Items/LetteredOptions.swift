import DataFiles

/// The options of a question, `(A) …`, `(B) …`, and the positions of their texts in it.
///
/// Options are searched for first at the beginnings of lines (`Choices:\n (A) Yes\n (B) No`), then within a line (`(A)
/// Yes or (B) No?`). The text of an option ends before the next option. The text of the last option ends with its line
/// or, if another option spans several lines, at a blank line.
public struct LetteredOptions: Sendable, Equatable {
    /// The letters A, B, …, in order and without a gap; at least two.
    public let letters: [Character]
    /// The text of each option, without white space around it and without anything that only separates it from the next
    /// option.
    public var texts: [String] { ranges.map { String(question[$0]) } }

    /// The text before the options, without a line such as `Choices:` that only announces them.
    public let stem: String

    private let question: String
    private let ranges: [Range<String.Index>]

    /// Finds the options of a question; nil if there are none, or if the end of an option is unclear.
    ///
    /// The end is unclear if an option is empty or names an option itself, as in `(B) No. Answer with (A) or (B).`
    ///
    /// - Complexity: O(characters).
    public init?(_ question: String) {
        let markers = Self.markers(question)
        let atLineStarts = Self.sequence(markers.filter(\.startsLine))
        guard let options = atLineStarts ?? Self.sequence(markers) else { return nil }
        var bounds = zip(options, options.dropFirst()).map { $0.range.upperBound..<$1.range.lowerBound }
        let spansLines = bounds.contains { question[$0].trimmingWhitespace().contains(where: \.isNewline) }
        let last = options[options.count - 1].range.upperBound
        bounds.append(last..<Self.end(ofTextFrom: last, in: question, spansLines: spansLines))

        var ranges = bounds.map { question[$0].trimmingWhitespace() }
        if atLineStarts == nil { ranges = Self.withoutSeparators(ranges) }
        let isAmbiguous = ranges.contains { text in
            text.isEmpty || markers.contains { text.indices.contains($0.range.lowerBound) }
        }
        if isAmbiguous { return nil }
        stem = Self.stem(question[..<options[0].range.lowerBound])
        self.question = question
        letters = options.map(\.letter)
        self.ranges = ranges.map { $0.startIndex..<$0.endIndex }
    }

    /// The question with each text moved to the next letter and the last text moved to A.
    ///
    /// With two options, the texts are swapped. Everything else stays the same.
    public var swapped: String {
        var result = ""
        var cursor = question.startIndex
        for (index, range) in ranges.enumerated() {
            result += question[cursor..<range.lowerBound]
            result += question[ranges[(index + ranges.count - 1) % ranges.count]]
            cursor = range.upperBound
        }
        return result + question[cursor...]
    }

    /// The letter of an option's text after swapping; nil for a letter that the question doesn't offer.
    public func letter(afterSwapping letter: Character) -> Character? {
        letters.firstIndex(of: letter).map { letters[($0 + 1) % letters.count] }
    }

    // MARK: Parsing

    private static func stem(_ text: Substring) -> String {
        let text = text.trimmingWhitespace()
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard let last = lines.last, lines.count > 1, last.last == ":", !last.contains(" ") else { return String(text) }
        return String(text[..<last.startIndex].trimmingWhitespace())
    }

    private struct Marker {
        var letter: Character
        var range: Range<String.Index>
        var startsLine: Bool
    }

    /// Every `(X)` where X is a letter from A to Z.
    private static func markers(_ text: String) -> [Marker] {
        var found: [Marker] = []
        var startsLine = true
        var index = text.startIndex
        while index < text.endIndex {
            let next = text.index(after: index)
            if text[index] == "(", next < text.endIndex, text[next].isOptionLetter {
                let close = text.index(after: next)
                if close < text.endIndex, text[close] == ")" {
                    let end = text.index(after: close)
                    found.append(Marker(letter: text[next], range: index..<end, startsLine: startsLine))
                    startsLine = false
                    index = end
                    continue
                }
            }
            if text[index].isNewline { startsLine = true } else if !text[index].isWhitespace { startsLine = false }
            index = next
        }
        return found
    }

    /// The last run of consecutive markers A, B, …, at least two.
    private static func sequence(_ markers: [Marker]) -> [Marker]? {
        var best: [Marker]?
        var run: [Marker] = []
        for marker in markers {
            if let last = run.last, let value = last.letter.asciiValue, marker.letter.asciiValue == value + 1 {
                run.append(marker)
            } else {
                run = marker.letter == "A" ? [marker] : []
            }
            if run.count >= 2 { best = run }
        }
        return best
    }

    private static func end(
        ofTextFrom start: String.Index, in text: String, spansLines: Bool
    ) -> String.Index {
        var index = start
        while let newline = text[index...].firstIndex(where: \.isNewline) {
            let next = text.index(after: newline)
            if !spansLines { return newline }
            let line = text[next...].prefix { !$0.isNewline }
            if line.allSatisfy(\.isWhitespace) { return newline }
            index = next
        }
        return text.endIndex
    }

    /// The texts of options within a line, without the commas and the `or` between them, and without a question mark
    /// that only the last text has.
    private static func withoutSeparators(_ texts: [Substring]) -> [Substring] {
        var texts = texts
        for index in texts.indices.dropLast() {
            var text = texts[index]
            var isCut = true
            while isCut {
                isCut = false
                if let last = text.last, ",;/".contains(last) {
                    text = text.dropLast().trimmingWhitespace()
                    isCut = true
                }
                for word in ["or", "and"] where text.hasSuffix(" \(word)") {
                    text = text.dropLast(word.count).trimmingWhitespace()
                    isCut = true
                }
            }
            texts[index] = text
        }
        let last = texts.count - 1
        if texts[last].last == "?", !texts.dropLast().contains(where: { $0.last == "?" }) {
            texts[last] = texts[last].dropLast().trimmingWhitespace()
        }
        return texts
    }
}
