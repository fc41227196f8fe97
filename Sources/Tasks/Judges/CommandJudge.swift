import DataFiles
import Dispatch
import Foundation

/// A judge that is another program, such as a script that asks a large language model.
///
/// The program gets one JSON object a line on its standard input, `{"prompt": "…", "text": "…"}`, and writes for each one
/// line on its standard output, in the same order: a number from 0 to 5, or an object with the field `score`. Blank lines
/// are passed over. It ends with status 0. Both streams are files, so that neither side can wait for the other.
///
/// ```swift
/// let judge = CommandJudge(["python3", "judge.py", "--behaviour", "sycophancy"], repeats: 5)
/// ```
public struct CommandJudge: TextJudge {
    /// What reports call it.
    public let name: String
    /// The program, a path or a name that is looked for in `PATH`, and its arguments.
    public let command: [String]
    /// How often the program is run; scores are means over the runs.
    public let repeats: Int
    /// How many seconds one run may take.
    public let timeout: Double
    /// The longest timeout, a day: nobody waits longer for a judge.
    public static let longestTimeout = 86_400.0
    /// Asked while the program runs: if it returns true, the program is ended and `CancellationError` thrown.
    public var isCancelled: @Sendable () -> Bool = { Task.isCancelled }

    /// - Parameters:
    ///   - name: what reports call the judge; the program's name unless given.
    ///   - repeats: 1 unless told; the HSI paper averages over 5, as its judge samples its answers.
    ///   - timeout: 600 seconds unless told; at most ``longestTimeout``.
    /// - Precondition: a program, and at least one repeat.
    public init(_ command: [String], name: String? = nil, repeats: Int = 1, timeout: Double = 600) {
        precondition(!command.isEmpty && !command[0].isEmpty, "A command judge needs a program.")
        precondition(repeats >= 1, "A judge is asked at least once.")
        self.name = name ?? URL(filePath: command[0]).lastPathComponent
        self.command = command
        self.repeats = repeats
        self.timeout = timeout
    }

    /// - Throws: `InputError` that names the command: no such program, a timeout that isn't above 0 and at most a day, another
    ///   status than 0, too late, too much output, other than one number from 0 to 5 for each text; `CancellationError`.
    public func scores(_ texts: [JudgedText]) throws -> [Double] {
        guard timeout > 0, timeout <= Self.longestTimeout else {
            throw InputError.badData(
                "a timeout of \(timeout) seconds", in: "the judge \(command.joined(separator: " "))",
                remedy: "give a number above 0 and at most \(Int(Self.longestTimeout))")
        }
        guard !texts.isEmpty else { return [] }
        var sums = [Double](repeating: 0, count: texts.count)
        for _ in 0..<repeats {
            for (index, score) in try judge(texts).enumerated() { sums[index] += score }
        }
        return sums.map { min($0 / Double(repeats), JudgeScale.range.upperBound) }
    }

    // MARK: One run

    private struct Line: Encodable {
        var prompt: String
        var text: String
    }

    private func judge(_ texts: [JudgedText]) throws -> [Double] {
        var input = Data()
        for text in texts {
            input += try JSONEncoder.oneLine.encode(Line(prompt: text.prompt, text: text.text))
            input.append(UInt8(ascii: "\n"))
        }
        // Generous for objects with explanations; a program that never stops writing must not fill the disk.
        let most = 1 << 20 + texts.count << 16
        let output = try ExternalProgram(
            command: command, timeout: timeout, mostOutput: most, isCancelled: isCancelled
        ).run(input: input)
        let scores = try output.split(separator: UInt8(ascii: "\n")).enumerated().compactMap { index, line in
            line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } ? nil : try score(Data(line), number: index + 1)
        }
        try JudgeScale.check(scores, count: texts.count, judge: command.joined(separator: " "))
        return scores
    }

    private func score(_ line: Data, number: Int) throws -> Double {
        let content = try? JSONValue(parsing: line, file: "").content
        switch content {
        case .number(let number): return number.double
        case .object(let fields):
            if case .number(let number) = fields["score"]?.content { return number.double }
        default: break
        }
        throw InputError.badData(
            "\"\(String(decoding: line.prefix(60), as: UTF8.self))\" instead of a score",
            in: "line \(number) of what the judge \(command.joined(separator: " ")) wrote",
            remedy: #"write one number from 0 to 5, or {"score": number}, for each text"#)
    }
}
