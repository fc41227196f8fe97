import DataFiles

/// The letter of an answer such as ` (A)`, `(A)`, `A`, `A.` or `(A) Yes`.
struct AnswerLetter: Equatable {
    var letter: Character
    private var before: String
    private var after: String

    /// Nil if the answer has no letter.
    init?(_ answer: String) {
        let blank = answer.prefix(while: \.isWhitespace)
        var rest = answer[blank.endIndex...]
        let isBracketed = rest.first == "("
        if isBracketed { rest = rest.dropFirst() }
        guard let letter = rest.first, letter.isOptionLetter else { return nil }
        let tail = rest.dropFirst()
        if isBracketed {
            guard tail.first == ")" else { return nil }
        } else {
            guard ["", ".", ")", ":"].contains(String(tail.trimmingWhitespace())) else { return nil }
        }
        self.letter = letter
        before = String(blank) + (isBracketed ? "(" : "")
        after = String(tail)
    }

    /// The same answer with another letter.
    func replaced(by letter: Character) -> String { before + String(letter) + after }
}

extension Character {
    /// A to Z, without accents.
    var isOptionLetter: Bool { asciiValue.map { (65...90).contains($0) } ?? false }
}
