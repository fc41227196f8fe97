import DataFiles
import DataSets
import Directions
import Intervention
import Statistics
import Tasks
import Tokenization

/// Head-specific intervention (Darm & Riccardi 2025, arXiv 2502.05945): a few heads, found by what the model says when
/// each one of them is moved.
///
/// 1. Directions: z of every head at the end-of-sequence token of 18 answered questions, mass-mean over all of them,
///    σ the population standard deviation of the projections of all rows.
/// 2. Sweep: each head by itself at a large strength, 6 sampled texts on the questions of the fit; an answer that names
/// both
///    letters or none is undefined.
/// 3. The best heads again with 30 texts; the best 4 of them together.
/// 4. The strength that they share: the most answers for the behaviour on other questions, with at most 1/3 undefined.
public struct HSIPreset {
    let context: PresetContext
    /// The recipe's constants.
    public let options: HSIOptions

    /// The recipe, with the published constants unless others are given.
    public init(_ context: PresetContext, options: HSIOptions = HSIOptions()) {
        self.context = context
        self.options = options
    }

    /// Makes the plan.
    ///
    /// - Parameters:
    ///   - data: choice questions, labelled completions grouped by question, or contrast prompts.
    ///   - neutral: texts that the plan's side effects are measured on.
    ///   - file: the data's name in error messages.
    /// - Throws: `InputError` if no question has completions of both sides; `CancellationError`.
    /// - Complexity: L · H · strengths · samples texts for the sweep, which is most of it.
    public func plan(
        _ data: DataSet, neutral: [String] = NeutralTexts.sentences, file: String
    ) throws -> PresetResult {
        var clock = StageClock()
        let texts = try HSITexts(context.tokenizer, options: options)
        let questions = try HSIQuestion.questions(data, file: file)
        let split = HSISplit(questions, rows: options.rows, perSide: options.rowsPerSide)
        guard !split.training.isEmpty else {
            throw InputError.badData(
                "no question with completions of both sides", in: file,
                remedy: "give choice questions, or labelled completions with a group for each question")
        }
        let rows = try split.training.flatMap { try texts.texts($0, file: file) }
        let collection = try HeadCollection(
            ActivationReading(context.model, rows, file: file), workers: context.workers,
            onProgress: { context.onProgress("read", $0, rows.count) }, isCancelled: context.isCancelled)
        let directions = try collection.table.directions(
            rows: GroupedLabels(rows), workers: context.workers)
        clock.end("read texts and fit directions")

        let training = try HSISpeaker(context, texts, split.training, options: options, file: file)
        let sweep = try self.sweep(directions, training)
        clock.end("sweep single heads")
        let retest = try self.retest(sweep, training)
        clock.end("test the best again")
        let chosen = Array(retest.heads.prefix(options.heads))
        let validation =
            split.validation.isEmpty
            ? training
            : try HSISpeaker(
                context, texts, Array(split.validation.prefix(options.validationSamples)), options: options, file: file)
        let strength = try self.strength(chosen.map(\.direction), validation)
        clock.end("choose the strength")

        var trials = sweep.trials + retest.trials + strength.trials
        let names = Set(chosen.map(\.direction.name))
        for index in trials.indices where trials[index].stage == "retest" {
            trials[index].isChosen = names.contains(trials[index].target)
        }
        let notes =
            HSINotes(options: options, split: split, texts: texts, rows: rows).all
            + findings(sweep, retest, strength, chosen: chosen.count)
        var result = PresetResult(
            preset: .hsi,
            plan: InterventionPlan(
                directions: "directions.safetensors",
                edits: chosen.map { head in
                    PlannedEdit(
                        head.direction.head, .add, direction: .named(head.direction.name), strength: strength.best,
                        unit: .sigma, positions: .last)
                }),
            directions: DirectionFile(directions, residualNorms: collection.residualNorms), notes: notes,
            trials: trials, seconds: [])
        try result.measureCost(context, neutral: neutral)
        clock.end("side effects")
        result.seconds = clock.stages
        return result
    }

    /// A question's completions as texts, those that match first, each to be read at the end-of-sequence token.
    ///
    /// - Throws: `InputError` if a text is empty or the model's chat template can't be read.
    public static func preparedTexts(
        _ question: HSIQuestion, tokenizer: Tokenizer, options: HSIOptions = HSIOptions(), file: String
    ) throws -> [PreparedText] {
        try HSITexts(tokenizer, options: options).texts(question, file: file)
    }

    /// A head with the strength that it did best at, and what it said there.
    struct Candidate {
        var direction: HeadDirection
        var strength: Double
        var counts: OutcomeCounts

        /// More answers for the behaviour first, then fewer undefined ones, then the smaller strength; ties by layer and
        /// head.
        static func isBefore(_ a: Candidate, _ b: Candidate) -> Bool {
            if a.counts.target != b.counts.target { return a.counts.target > b.counts.target }
            if a.counts.undefined != b.counts.undefined { return a.counts.undefined < b.counts.undefined }
            if a.strength != b.strength { return a.strength < b.strength }
            return a.direction.head < b.direction.head
        }
    }

    struct Sweep {
        var base: OutcomeCounts
        /// Every head at every strength.
        var all: [Candidate]
        /// The best heads, each at its best strength.
        var best: [Candidate]
        var trials: [PresetTrial]
    }

    private func sweep(_ directions: [HeadDirection], _ speaker: HSISpeaker) throws -> Sweep {
        let tried = options.sweepStrengths.flatMap { strength in
            directions.filter { !$0.isZero }.map { (direction: $0, strength: strength) }
        }
        let counts = try speaker.outcomes(
            [[]] + tried.map { [$0.direction.edit(sigmas: $0.strength)] }, samples: options.sweepSamples,
            draw: 0, stage: "sweep")
        let all = zip(tried, counts.dropFirst()).map {
            Candidate(direction: $0.direction, strength: $0.strength, counts: $1)
        }
        var seen: Set<String> = []
        let best = all.sorted(by: Candidate.isBefore).filter { seen.insert($0.direction.name).inserted }
            .prefix(max(options.candidates, options.heads))
        let trials =
            [PresetTrial(stage: "sweep", target: "", outcomes: counts[0])]
            + all.map {
                PresetTrial(stage: "sweep", target: $0.direction.name, strength: $0.strength, outcomes: $0.counts)
            }
        return Sweep(base: counts[0], all: all, best: Array(best), trials: trials)
    }

    struct Retest {
        var base: OutcomeCounts
        /// Best first.
        var heads: [Candidate]
        var trials: [PresetTrial]
    }

    private func retest(_ sweep: Sweep, _ speaker: HSISpeaker) throws -> Retest {
        let counts = try speaker.outcomes(
            [[]] + sweep.best.map { [$0.direction.edit(sigmas: $0.strength)] },
            samples: options.retestSamples, draw: 1, stage: "retest")
        let heads = zip(sweep.best, counts.dropFirst()).map {
            Candidate(direction: $0.direction, strength: $0.strength, counts: $1)
        }
        let trials =
            [PresetTrial(stage: "retest", target: "", outcomes: counts[0])]
            + heads.map {
                PresetTrial(stage: "retest", target: $0.direction.name, strength: $0.strength, outcomes: $0.counts)
            }
        return Retest(base: counts[0], heads: heads.sorted(by: Candidate.isBefore), trials: trials)
    }

    struct Strength {
        var best: Double
        var isAllowed: Bool
        var base: OutcomeCounts
        var counts: OutcomeCounts
        var trials: [PresetTrial]
    }

    private func strength(_ heads: [HeadDirection], _ speaker: HSISpeaker) throws -> Strength {
        let counts = try speaker.outcomes(
            [[]] + options.strengths.map { strength in heads.map { $0.edit(sigmas: strength) } },
            samples: options.validationSamples, draw: 2, stage: "strength")
        let tried = Array(zip(options.strengths, counts.dropFirst()))
        let allowed = tried.filter { $0.1.undefinedShare <= options.mostUndefined }
        let best =
            allowed.max { ($0.1.target, -$0.0) < ($1.1.target, -$1.0) }
            ?? tried.min { ($0.1.undefined, $0.0) < ($1.1.undefined, $1.0) } ?? (options.strengths[0], counts[0])
        let name = heads.map(\.name).joined(separator: ", ")
        let trials =
            [PresetTrial(stage: "strength", target: "", outcomes: counts[0])]
            + tried.map {
                PresetTrial(
                    stage: "strength", target: name, strength: $0.0, outcomes: $0.1, isChosen: $0.0 == best.0)
            }
        return Strength(best: best.0, isAllowed: !allowed.isEmpty, base: counts[0], counts: best.1, trials: trials)
    }

    private func findings(_ sweep: Sweep, _ retest: Retest, _ strength: Strength, chosen: Int) -> [String] {
        var notes: [String] = []
        if let worst = sweep.best.prefix(options.heads).map(\.counts.target).min() {
            let total = sweep.all.reduce(0) { $0 + $1.counts.total }
            let share = Double(sweep.all.reduce(0) { $0 + $1.counts.target }) / Double(max(total, 1))
            let expected =
                Double(sweep.all.count)
                * BinomialTail.probability(atLeast: worst, of: options.sweepSamples, share: share)
            let found = sweep.all.count { $0.counts.target >= worst }
            notes.append(
                "In the sweep \(found) of \(sweep.all.count) trials had \(worst) or more of \(options.sweepSamples) texts "
                    + "for the behaviour, where \(PresetNumber.text(expected)) would if all heads were alike (the "
                    + "unedited model had \(sweep.base.target)): what isn't far more than that is noise.")
        }
        if let best = retest.heads.first, best.counts.target <= retest.base.target {
            notes.append(
                "No head that was tested again says more for the behaviour than the unedited model "
                    + "(\(best.counts.target) against \(retest.base.target) of \(retest.base.total) texts): the sweep found "
                    + "nothing.")
        }
        if chosen < options.heads {
            notes.append("The model has \(chosen) heads to choose from, not \(options.heads).")
        }
        if !strength.isAllowed {
            notes.append(
                "At every strength more than \(PresetNumber.text(100 * options.mostUndefined))% of the texts are "
                    + "undefined; the plan has the one with the fewest.")
        }
        notes.append(
            "At the strength chosen \(strength.counts.target) of \(strength.counts.total) validation texts are for the "
                + "behaviour and \(strength.counts.undefined) undefined; unedited \(strength.base.target) and "
                + "\(strength.base.undefined).")
        return notes
    }
}
