/// Finds words in texts.
package enum Words {
    /// The words of a text: runs of letters and digits, with apostrophes and hyphens between them.
    package static func of(_ text: String) -> [Substring] {
        var words: [Substring] = []
        var start: String.Index?
        var index = text.startIndex
        while index < text.endIndex {
            let character = text[index]
            let next = text.index(after: index)
            let joins =
                start != nil && "'’-".contains(character) && next < text.endIndex
                && (text[next].isLetter || text[next].isNumber)
            if character.isLetter || character.isNumber || joins {
                start = start ?? index
            } else if let begun = start {
                words.append(text[begun..<index])
                start = nil
            }
            index = next
        }
        if let start { words.append(text[start...]) }
        return words
    }

    /// The words of a text in lower case.
    package static func lowercased(_ text: String) -> [String] { of(text.lowercased()).map(String.init) }

    /// Whether some words follow each other anywhere in a list of words.
    package static func contain<Word: Equatable>(_ words: [Word], _ phrase: [Word]) -> Bool {
        guard let first = phrase.first, phrase.count <= words.count else { return false }
        return (0...(words.count - phrase.count)).contains { start in
            words[start] == first && words[start...].starts(with: phrase)
        }
    }
}
