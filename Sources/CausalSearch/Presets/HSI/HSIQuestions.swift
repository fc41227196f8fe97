import DataFiles
import DataSets
import Tasks

/// A question with completions of both sides; the published HSI data have 3 of each.
public struct HSIQuestion: Sendable, Equatable {
    /// The question that the completions answer.
    public var prompt: String
    /// Completions that show the behaviour.
    public var matching: [String]
    /// Completions that show its opposite.
    public var notMatching: [String]
    /// The rules that decide which side a generated text takes.
    public var parser: AnswerParser
    /// The name of the question's group; questions of a group are not independent.
    public var group: String
    /// The options' letters in alphabetical order; empty if the answers are words.
    public var letters: [Character]
    /// The letter of the matching answer; nil if it has none.
    public var matchingLetter: Character?
}

extension HSIQuestion {
    /// Makes questions from a data set, in its order; the rows of a group are one question.
    ///
    /// - Parameter file: the file's name in error messages.
    /// - Throws: `InputError` if the labelled rows of a group don't show by their letters which answer is for the
    ///   behaviour, or if they don't share one prompt.
    public static func questions(_ data: DataSet, file: String) throws -> [HSIQuestion] {
        switch data {
        case .choice(let rows):
            return merged(rows.map { question($0) })
        case .contrast(let rows):
            return merged(
                rows.map { row in
                    HSIQuestion(
                        prompt: row.prompt, matching: row.positive, notMatching: row.negative,
                        parser: AnswerParser(row), group: row.group, letters: [])
                })
        case .labelled(let rows):
            var groups: [String] = []
            var ofGroup: [String: [LabelledExample]] = [:]
            for row in rows {
                if ofGroup[row.group] == nil { groups.append(row.group) }
                ofGroup[row.group, default: []].append(row)
            }
            return try groups.compactMap { try question(ofGroup[$0] ?? [], file: file) }
        }
    }

    private static func question(_ row: ChoiceQuestion) -> HSIQuestion {
        let letters = (row.matching + row.notMatching).compactMap(markedLetter)
        let areLetters = letters.count == row.matching.count + row.notMatching.count
        return HSIQuestion(
            prompt: row.question, matching: row.matching, notMatching: row.notMatching, parser: AnswerParser(row),
            group: row.group, letters: areLetters ? Set(letters).sorted() : [],
            matchingLetter: areLetters && row.matching.count == 1 ? letters[0] : nil)
    }

    /// Makes a question from the rows of one group, whose completions each contain one letter in brackets.
    ///
    /// Nil if all rows are of one side.
    private static func question(_ rows: [LabelledExample], file: String) throws -> HSIQuestion? {
        let matching = rows.filter(\.label)
        let others = rows.filter { !$0.label }
        guard let first = rows.first, !matching.isEmpty, !others.isEmpty else { return nil }
        let place = "\(file): line \(first.line)"
        guard !first.prompt.isEmpty, rows.allSatisfy({ $0.prompt == first.prompt }) else {
            throw InputError.badData(
                "rows of one group that don't complete the same prompt", in: place,
                remedy: "give prompt and completion, with one group for each question, or give choice questions")
        }
        let letters = rows.map { markedLetter($0.completion) }
        let own = Set(zip(rows, letters).filter { $0.0.label }.compactMap(\.1))
        let other = Set(zip(rows, letters).filter { !$0.0.label }.compactMap(\.1))
        guard letters.allSatisfy({ $0 != nil }), own.isDisjoint(with: other) else {
            throw InputError.badData(
                "completions that don't show by one letter in brackets which answer they give", in: place,
                remedy: "end each with (A) or (B), with different letters for the two labels")
        }
        return HSIQuestion(
            prompt: first.prompt, matching: matching.map(\.completion), notMatching: others.map(\.completion),
            parser: AnswerParser(target: own.sorted().map { "(\($0))" }, other: other.sorted().map { "(\($0))" }),
            group: first.group, letters: own.union(other).sorted(), matchingLetter: own.count == 1 ? own.first : nil)
    }

    /// The letter of `(A)` in a text; nil unless the text has exactly one such letter.
    private static func markedLetter(_ text: String) -> Character? {
        let characters = Array(text)
        var found: Set<Character> = []
        for index in characters.indices.dropFirst().dropLast()
        where characters[index - 1] == "(" && characters[index + 1] == ")" {
            let letter = characters[index]
            if letter.asciiValue.map({ (65...90).contains($0) }) == true { found.insert(letter) }
        }
        return found.count == 1 ? found.first : nil
    }

    /// Merges questions with the same group and the same text.
    private static func merged(_ questions: [HSIQuestion]) -> [HSIQuestion] {
        var result: [HSIQuestion] = []
        var indices: [String: Int] = [:]
        for question in questions {
            if let index = indices[question.group], result[index].prompt == question.prompt,
                result[index].parser == question.parser
            {
                result[index].matching += question.matching
                result[index].notMatching += question.notMatching
            } else {
                indices[question.group] = result.count
                result.append(question)
            }
        }
        return result
    }
}

/// Questions divided into those that directions are fitted to, with the completions that are used, and the others.
public struct HSISplit: Sendable, Equatable {
    /// The questions that directions are fitted to.
    public var training: [HSIQuestion]
    /// The other questions.
    public var validation: [HSIQuestion]

    /// Takes questions in the data's order until there are `rows` completions; the published data give 3 questions with
    /// 3 + 3 completions.
    ///
    /// Each question gives equally many completions of each side: as many as both sides have, at most `perSide`.
    public init(_ questions: [HSIQuestion], rows: Int, perSide: Int) {
        var left = rows
        training = []
        validation = []
        for question in questions {
            let count = min(perSide, question.matching.count, question.notMatching.count, left / 2)
            guard count > 0 else {
                validation.append(question)
                continue
            }
            var taken = question
            taken.matching = Array(question.matching.prefix(count))
            taken.notMatching = Array(question.notMatching.prefix(count))
            training.append(taken)
            left -= 2 * count
        }
    }

    /// The number of completions that directions are fitted to.
    public var rows: Int { training.reduce(0) { $0 + $1.matching.count + $1.notMatching.count } }
}
