import CausalSearch
import DataFiles
import DataSets
import Directions
import Evaluation
import Evidence
import Intervention
import Statistics
import Tasks
import TensorCore
import Tokenization
import Transformer

/// The data of one audit, and what its stages do with them.
struct AuditWork {
    private let audit: Audit
    private let input: AuditInput
    let data: StudyData
    private let repeated: [String]

    private var model: LanguageModel { audit.model }
    private var tokenizer: Tokenizer { audit.tokenizer }
    private var seed: UInt64 { audit.seed }

    init(_ audit: Audit, _ input: AuditInput) throws {
        self.audit = audit
        self.input = input
        var plan = StudyPlan(name: input.name, behaviour: input.name)
        plan.chat = input.usesChatTemplate
        plan.positions = input.positions
        plan.trainRows = AuditProtocol.fitRows
        plan.testRows = AuditProtocol.testRows
        plan.texts = AuditProtocol.texts
        plan.instruction = input.instruction
        let (first, second) = input.data.split(seed: audit.seed)
        var repeated = try RepeatedTexts.check(first, second, file: input.name)
        let name = input.contrastName ?? "the contrast data"
        if let contrast = input.contrast {
            let halves = contrast.split(seed: audit.seed)
            repeated += try RepeatedTexts.check(halves.first, halves.second, file: name)
        }
        self.repeated = repeated
        data = try StudyData(
            plan, labelled: (input.data, input.name), measured: input.contrast.map { ($0, name) },
            tokenizer: audit.tokenizer, context: audit.model.configuration.context, seed: audit.seed)
        try data.texts.map(\.label).requireBothClasses()
    }

    private var choices: ChoiceTaskOptions {
        ChoiceTaskOptions(usesChatTemplate: input.usesChatTemplate, context: model.configuration.context)
    }

    private func scorer(_ items: JudgedItems) throws -> ItemScorer {
        try ItemScorer(
            items, model: model, workers: audit.workers, seed: seed, isCancelled: audit.isCancelled)
    }

    func measurement() throws -> RobustnessMeasurement {
        try RobustnessMeasurement(
            items: scorer(data.testItems),
            neutral: NeutralText(
                model, texts: input.neutral, tokenizer: tokenizer, workers: audit.workers, seed: seed,
                isCancelled: audit.isCancelled))
    }

    // MARK: Stages

    func invariants() throws -> Invariants {
        audit.onProgress(.invariants, 0, 1)
        let scorer = try scorer(data.testItems)
        let nothing = Head.all(model.configuration).map { head in
            Edit.z(
                head, positions: .last, .add([Float](repeating: 0, count: model.configuration.headSize)))
        }
        let base = try scorer.lastLogits([])
        return Invariants(
            fingerprint: try model.fingerprint(workers: audit.workers),
            zeroIsIdentical: try scorer.lastLogits(nothing) == base, repeatsItself: try scorer.lastLogits([]) == base,
            readTexts: try data.texts.prefix(2).map { try $0.marked(tokenizer) },
            testPrompts: try data.testAnswers.items.prefix(2).map { item in
                try item.prompt.map { try tokenizer.piece($0).replacing("\n", with: "⏎") }.joined(separator: "|")
            }, repeated: repeated)
    }

    /// What is read of the texts that directions are fitted from.
    struct Readings {
        var training: TrainingActivations
        var z: ActivationTable { training.z }
        var rows: GroupedLabels { training.rows }
        var residualNorms: [Double]
        var directions: [HeadDirection]
    }

    func readings() throws -> Readings {
        audit.onProgress(.texts, 0, data.texts.count)
        let collection = try HeadCollection(
            ActivationReading(model, data.texts), workers: audit.workers,
            onProgress: { audit.onProgress(.texts, $0, data.texts.count) }, isCancelled: audit.isCancelled)
        let training = try TrainingActivations(
            data.texts, model: model, workers: audit.workers, isCancelled: audit.isCancelled)
        let directions = try training.z.directions(rows: training.rows, seed: seed, workers: audit.workers)
        guard directions.contains(where: { !$0.isZero }) else {
            throw InputError.badData(
                "both classes have the same activations at every head", in: input.name,
                remedy: "give texts that differ between the labels")
        }
        return Readings(training: training, residualNorms: collection.residualNorms, directions: directions)
    }

    /// The items that heads are screened on.
    var sweptItems: [ContrastItem] { data.searchContrasts.evenly(AuditProtocol.sweptItems).items }

    /// How heads are screened.
    var screenOptions: HeadScreen.Options { HeadScreen.Options(seed: seed) }

    /// The prompts go through the model here.
    func headScreen() throws -> HeadScreen {
        let items = sweptItems
        return HeadScreen(
            try HeadSweep(model, items: items, workers: audit.workers, isCancelled: audit.isCancelled),
            groups: items.map(\.group), options: screenOptions)
    }

    /// Screens layer by layer, so that an audit that was stopped goes on at the layer it was at. The largest effect first.
    func screen(_ readings: Readings, state: inout AuditState) throws -> [ScreenedHead] {
        var screen: HeadScreen?
        let directions = readings.directions
        state.screened.keepWholeLayers(of: directions.map(\.head))
        for layer in 0..<model.configuration.layers where !state.screened.contains(where: { $0.head.layer == layer }) {
            if audit.isCancelled() { throw CancellationError() }
            let known = try screen ?? headScreen()
            screen = known
            let done = state.screened.count
            state.screened += try known.screen(directions.filter { $0.head.layer == layer }) {
                audit.onProgress(.screen, done + $0, directions.count)
            }
            try audit.onState(state)
        }
        return HeadScreen.tested(state.screened).sorted { ($1.effect, $0.head) < ($0.effect, $1.head) }
    }

    /// Everything that `evaluate` measures, and the texts of the opposite sign.
    func evaluate(_ plan: LoadedPlan, _ training: TrainingActivations, state: inout AuditState) throws {
        let input = EvaluationInput(
            items: data.testItems, source: data.source, answers: data.testAnswers, neutral: self.input.neutral,
            training: training, prompted: data.prompted)
        var evaluation = PlanEvaluation(model, tokenizer: tokenizer, workers: audit.workers, seed: seed)
        evaluation.isCancelled = audit.isCancelled
        evaluation.textTokens = AuditProtocol.textTokens
        evaluation.repetitions = AuditProtocol.controls
        _ = try audit.stage(&state, \.evaluation) {
            try evaluation.evaluate(plan, input: input) { audit.onProgress(.evaluation, $0, $1) }.report
        }
        _ = try audit.stage(&state, \.opposite) {
            try evaluation.doseResponse(plan, input: input, factors: [-1], randomDirections: 0)
        }
    }

    func phrasings(_ edits: [Edit]) throws -> [PhrasingResult] {
        try Phrasings.results(
            edits, data: data.test, file: input.contrastName ?? input.name, choices: choices, tokenizer: tokenizer,
            scorer: scorer, seed: seed
        ) { audit.onProgress(.phrasings, $0, $1) }
    }

    /// Directions of a defender who has half of the groups, drawn at random.
    func defender(_ readings: Readings) throws -> [Head: HeadDirection] {
        var random = SeededGenerator(seed: seed, stream: 35)
        let groups = readings.rows.groups.rowsOfGroup
        var own: [Int] = []
        // Of groups of one class each, half of either class.
        let kinds = Dictionary(grouping: groups.indices) { index in
            Set(groups[index].map { readings.rows.labels[$0] }).count == 2
                ? 2 : (readings.rows.labels[groups[index][0]] ? 1 : 0)
        }
        for kind in kinds.keys.sorted() {
            var order = kinds[kind] ?? []
            random.shuffle(&order)
            own += order.prefix((order.count + 1) / 2).flatMap { groups[$0] }
        }
        let labels = own.sorted().map { readings.rows.labels[$0] }
        let rows = own.sorted()
        let directions = try Head.all(model.configuration).concurrentMap(audit.workers) { head in
            let all = readings.z[head]
            let values = rows.flatMap { row in all.values[row * all.features..<(row + 1) * all.features] }
            return try HeadDirection(
                fitting: .massMean, to: HeadActivations(head, values: Array(values), features: all.features),
                labels: labels)
        }
        let means = try cleanMeans()
        return Dictionary(
            uniqueKeysWithValues: directions.map { direction in
                var direction = direction
                if let mean = means?[direction.head] { direction.mean = mean }
                return (direction.head, direction)
            })
    }

    /// The monitor that is tried as a defence; nil without enough clean texts.
    func monitor(fingerprint: String) throws -> MonitorDefence? {
        guard let clean = input.clean else { return nil }
        return try MonitorDefence(
            model, tokenizer: tokenizer, clean: clean, fingerprint: fingerprint, workers: audit.workers, seed: seed,
            isCancelled: audit.isCancelled)
    }

    /// The mean of z at the last token of each clean text; nil if none were given.
    private func cleanMeans() throws -> [Head: [Float]]? {
        guard let clean = input.clean else { return nil }
        let tokens = try clean.map {
            try tokenizer.encode(
                $0.prompt + $0.completion, specialTokens: .parsed, addBeginning: tokenizer.addsBeginning)
        }
        let table = try HeadCollection(
            tokens, model: model, workers: audit.workers, isCancelled: audit.isCancelled
        ).table
        return Dictionary(
            uniqueKeysWithValues: Head.all(model.configuration).map { head in
                let own = table[head]
                let mean = (0..<own.features).map { column in
                    let sum = (0..<own.examples).reduce(0.0) { $0 + Double(own.values[$1 * own.features + column]) }
                    return Float(sum / Double(own.examples))
                }
                return (head, mean)
            })
    }
}
