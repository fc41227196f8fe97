import Gradients
import Transformer

/// The gradients to time: those of z of all heads.
enum GradientWork: String, CaseIterable {
    case fromLastLogits = "at all positions, by the last logits"
    case fromAllLogits = "at all positions, by all logits"
    case lastPositions = "at last positions"

    /// The seconds of each round.
    struct Times {
        private var forwards: [Double] = []
        private var backs: [Double] = []

        mutating func add(forward: Double, both: Double) {
            forwards.append(forward)
            backs.append(both - forward)
        }

        var forward: Spread { Spread(forwards) }
        var back: Spread { Spread(backs) }
        /// back ÷ forward for each round; a temporary slowdown of the machine affects both.
        var ratio: Spread { Spread(zip(forwards, backs).map { $1 / $0 }) }
    }

    /// Times passes with and without gradients in turn, after a first run of each that doesn't count.
    ///
    /// - Throws: `CancellationError`.
    func measure(_ own: OwnModel, tokens: Int, prompts: Int, rounds: Int) throws -> Times {
        let run = GradientRun(own.model, workers: own.workers)
        let texts = try texts(Workload(own.configuration), run, tokens: tokens, prompts: prompts)
        let withoutReads = texts.map { text in
            var text = text
            text.reads = []
            return text
        }
        func seconds(_ texts: [GradientText]) throws -> Double {
            try Stopwatch.seconds { _ = try run.gradients(of: texts) }
        }
        _ = try (seconds(withoutReads), seconds(texts))
        var times = Times()
        for _ in 0..<rounds { times.add(forward: try seconds(withoutReads), both: try seconds(texts)) }
        return times
    }

    /// The texts, with reads of z in all layers.
    ///
    /// - Throws: `CancellationError`.
    func texts(
        _ work: Workload, _ run: GradientRun, tokens count: Int, prompts: Int
    ) throws -> [GradientText] {
        let positions: PositionRule = self == .lastPositions ? .last : .all
        let reads = (0..<work.configuration.layers).map { Read(.z($0), at: positions) }
        let (good, bad) = (1 % work.configuration.vocabulary, 2 % work.configuration.vocabulary)
        switch self {
        case .fromLastLogits:
            let prompt = work.tokens(count)
            return [
                GradientText(
                    tokens: prompt, promptCount: count, objective: .logitDifference([good], [bad]), reads: reads)
            ]
        case .fromAllLogits:
            let text = work.tokens(count + 1)
            return [
                GradientText(
                    prompt: Array(text.prefix(1)), completion: Array(text.dropFirst()),
                    objective: .logProbability(ofCompletion: Array(text.dropFirst())), reads: reads)
            ]
        case .lastPositions:
            return try work.texts(prompts, length: count).map { prompt in
                GradientText(
                    tokens: Array(prompt.suffix(1)),
                    after: try run.past(of: Array(prompt.dropLast()), promptCount: count), promptCount: count,
                    objective: .logitDifference([good], [bad]), reads: reads)
            }
        }
    }
}
