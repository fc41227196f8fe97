import DataFiles
import Dispatch
import Foundation

/// A judge that is another program, such as a script that asks a large language model.
///
/// On standard input, the program gets one JSON object a line, `{"prompt": "…", "text": "…"}`. For each object it
/// writes one line to standard output, in the same order: a number from 0 to 5, or an object with the field `score`.
/// Blank lines are ignored. The program must end with status 0. Both streams are files, so that neither side can block
/// the other.
///
/// ```swift
/// let judge = CommandJudge(["python3", "judge.py", "--behaviour", "sycophancy"], repeats: 5)
/// ```
public struct CommandJudge: TextJudge {
    /// The name of the judge in reports.
    public let name: String
    /// The program, as a path or a name that is searched for in `PATH`, and its arguments.
    public let command: [String]
    /// The number of times that the program is run; scores are means over the runs.
    public let repeats: Int
    /// The maximum time of one run, in seconds.
    public let timeout: Double
    /// The longest allowed timeout, one day in seconds; nobody waits longer for a judge.
    public static let longestTimeout = 86_400.0
    /// Called while the program runs; if it returns true, the program is stopped and `CancellationError` is thrown.
    public var isCancelled: @Sendable () -> Bool = { Task.isCancelled }

    /// Makes a judge from a command.
    ///
    /// - Parameters:
    ///   - name: the judge's name in reports; by default the program's name.
    ///   - repeats: 1 by default; the HSI paper averages over 5, because its judge samples its answers.
    ///   - timeout: 600 seconds by default; at most ``longestTimeout``.
    /// - Precondition: `command` names a program, and `repeats` is at least 1.
    public init(_ command: [String], name: String? = nil, repeats: Int = 1, timeout: Double = 600) {
        precondition(!command.isEmpty && !command[0].isEmpty, "A command judge needs a program.")
        precondition(repeats >= 1, "A judge is asked at least once.")
        self.name = name ?? URL(filePath: command[0]).lastPathComponent
        self.command = command
        self.repeats = repeats
        self.timeout = timeout
    }

    /// Runs the program on the texts.
    ///
    /// - Throws: `InputError` that names the command if there is no such program; if the timeout isn't above 0 and at
    ///   most a day; if the program ends with another status than 0, takes too long or writes too much; if it doesn't
    ///   write one number from 0 to 5 for each text; `CancellationError`.
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
        // Enough for objects with explanations; a program that never stops writing must not fill the disk.
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
            in: "line \(number) of the output of the judge \(command.joined(separator: " "))",
            remedy: #"write one number from 0 to 5, or {"score": number}, for each text"#)
    }
}
