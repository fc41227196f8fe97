import ArgumentParser
import Reporting

/// `headsteer-bench scaling`: how the cost grows with the amount of work.
struct ScalingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scaling",
        abstract: "Show how the time grows with prompt tokens, context, streams and heads swept.",
        discussion: """
            Each point is the fastest of some runs. "relative" is the time per unit, with the first point as 1.
            """)

    @OptionGroup var model: ModelOptions

    @Option(help: ArgumentHelp("How many times each point is measured.", valueName: "n"))
    var rounds = 3

    @Option(
        parsing: .upToNextOption,
        help: "Curves: \(Curve.allCases.map(\.rawValue).joined(separator: " ")); all by default.")
    var curves: [Curve] = Curve.allCases

    enum Curve: String, CaseIterable, ExpressibleByArgument {
        case prompt, context, streams, heads
    }

    func validate() throws {
        try check(("rounds", rounds, 1...1000))
    }

    func run() throws {
        let own = try model.opened()
        let work = Workload(own.configuration)
        let texts = try curves.map { curve in
            let points = try points(curve, own, work)
            return Self.table(curve, points)
        }
        try Console.output(texts.joined(separator: "\n\n"))
    }

    /// A measured point: the size that grows, the number of units of work, and the time.
    private struct Point {
        var size: Int
        var units: Int
        var seconds: Double
    }

    private func points(_ curve: Curve, _ own: OwnModel, _ work: Workload) throws -> [Point] {
        let room = own.configuration.context
        switch curve {
        case .prompt:
            return try [64, 128, 256, 512, 1024].filter { $0 <= room }.map { count in
                let tokens = work.tokens(count)
                return Point(size: count, units: count, seconds: try best { try own.promptSeconds(tokens) })
            }
        case .context:
            let tokens = work.tokens(16, stream: 1)
            return try [64, 256, 512, 1024, 2032].filter { $0 + tokens.count <= room }.map { count in
                let prompt = work.tokens(count)
                let seconds = try best { try own.decodeSeconds(prompt: prompt, tokens: tokens) }
                return Point(size: count, units: tokens.count, seconds: seconds)
            }
        case .streams:
            let prompt = work.tokens(16)
            let tokens = work.tokens(16, stream: 1)
            return try [1, 2, 4, 8, 16, 32].map { streams in
                let seconds = try best { try own.decodeSeconds(prompt: prompt, tokens: tokens, streams: streams) }
                return Point(size: streams, units: streams * tokens.count, seconds: seconds)
            }
        case .heads:
            let all = own.configuration.layers * own.configuration.heads
            return try [all / 8, all / 4, all / 2, all].filter { $0 > 0 }.map { heads in
                let sweep = work.sweep(prompts: 6, length: 8, heads: heads)
                return Point(size: heads, units: heads, seconds: try best { try own.sweepSeconds(sweep) })
            }
        }
    }

    private func best(_ measure: () throws -> Double) rethrows -> Double {
        _ = try measure()
        return try (0..<rounds).reduce(.infinity) { best, _ in min(best, try measure()) }
    }

    private static func table(_ curve: Curve, _ points: [Point]) -> String {
        let (size, unit) =
            switch curve {
            case .prompt: ("prompt tokens", "token")
            case .context: ("tokens before, decoding one stream", "token")
            case .streams: ("streams decoded together", "token")
            case .heads: ("heads swept, 6 prompts of 8 tokens", "head")
            }
        var table = TextTable([
            .init(size, .right), .init("seconds", .right), .init("ms per \(unit)", .right), .init("relative", .right),
        ])
        let first = points.first.map { $0.seconds / Double($0.units) } ?? 1
        for point in points {
            let each = point.seconds / Double(point.units)
            table.add([
                "\(point.size)", point.seconds.text(digits: 3), (each * 1000).text(digits: 3),
                (each / first).text(digits: 2),
            ])
        }
        return table.rendered(TerminalStyle(width: 400))
    }
}
