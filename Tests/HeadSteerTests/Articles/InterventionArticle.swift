import Foundation
import HeadSteer
import XCTest
import _TestSupport

/// The code of the article "An intervention you can defend", compiled and run as it stands there.
final class InterventionArticle: XCTestCase {
    /// What the article reads and where it writes.
    private struct Inputs {
        var model, texts, contrasts, directions, activations: URL
        var shape: HeadShape
        var neutral: [String]
        var mostKL: Double
        var folder: URL
    }

    private struct Work {
        var shown: [String] = []
        var found: SearchResult
        var recipe: PresetResult
        var report: EvaluationReport
        var doses: DoseResponse
        var verification: BakeVerification
        var vector: ControlVector
        var imported: DirectionFile
    }

    private func work(_ inputs: Inputs) throws -> Work {
        var shown: [String] = []
        func print(_ text: some CustomStringConvertible) { shown.append("\(text)") }
        let (modelURL, textsURL, contrastsURL) = (inputs.model, inputs.texts, inputs.contrasts)
        let (neutral, mostKL, folder) = (inputs.neutral, inputs.mostKL, inputs.folder)
        let (directionsURL, activationsURL, shape) = (inputs.directions, inputs.activations, inputs.shape)
        // Article begins
        let workers = WorkerPool()
        let model = try LanguageModel(contentsOf: modelURL)
        let tokenizer = try Tokenizer(contentsOf: modelURL)
        let examples = try DataSet(contentsOf: textsURL).labelledExamples
        let halves = try DataSet(contentsOf: contrastsURL).split()
        // Article pauses
        // Article goes on
        let preparation = try TextPreparation(tokenizer)
        let texts = try examples.map { try preparation.prepare($0) }
        let search = HeadSearch(model, tokenizer: tokenizer, workers: workers)
        let found = try search.find(
            SearchOptions(heads: 2, budget: SideEffectBudget(mostKL: mostKL)),
            in: SearchInput(
                texts: texts, contrasts: ContrastSet(halves.first, tokenizer: tokenizer, file: "contrasts"),
                answers: AnswerTask(halves.first, tokenizer: tokenizer, file: "contrasts"), neutral: neutral))
        for head in found.screened.prefix(3) {
            print("\(head.head): \(head.effect), \(head.ciLow ?? .nan) to \(head.ciHigh ?? .nan), q \(head.q ?? .nan)")
        }
        for trial in found.trials { print("\(trial.strength) σ: \(trial.positiveEffect), KL \(trial.neutralKL)") }
        // Article pauses
        // Article goes on
        let fingerprint = try model.fingerprint(workers: workers)
        let reference = ModelReference(model.configuration, fingerprint: fingerprint)
        try found.write(to: folder, model: reference)
        let planURL = folder.appending(path: "plan.json")
        let plan = try LoadedPlan(contentsOf: planURL)
        try plan.check(model, workers: workers)
        // Article pauses
        // Article goes on
        for strength in try plan.strengths(model.configuration) {
            guard let strength else { continue }
            print("\(strength.raw) × direction = \(strength.sigma ?? .nan) σ = \(strength.headNorm ?? .nan) norms of z")
        }
        // Article pauses
        // Article goes on
        let prompt = try tokenizer.encode(prompt: "My day at work was", completion: "").prompt
        let touched = try TouchedTokens(plan.plan, prompt: prompt, tokenizer: tokenizer)
        for edit in plan.plan.edits.indices { print("\(touched.marked(edit: edit)), \(touched.generated[edit])") }
        // Article pauses
        // Article goes on
        var gentle = plan
        gentle.plan.edits[0].schedule = .decay(rate: 0.8)
        gentle.plan.edits[0].keepsNorm = true
        let read = EditTarget.head(Head(layer: 2, index: 1))
        gentle.plan.edits[1].gate = PlannedGate(read, direction: .named("2.1"), opensAbove: false)
        let gentleEdits = try gentle.edits(model.configuration)
        // Article pauses
        // Article goes on
        let both = try LoadedPlan.combining(
            [(name: "mood", plan: plan), (name: "calm", plan: gentle)], overlap: .orthogonal)
        print(both.plan.edits.map { "\($0.target) \($0.behaviour ?? "")" }.joined(separator: ", "))
        for pair in try plan.directionCosines(model) {
            print("edits \(pair.first) and \(pair.second): \(pair.residual) in the residual stream")
        }
        // Article pauses
        // Article goes on
        let edits = try plan.edits(model.configuration)
        let run = Run(model, workers: workers)
        run.sequences = [model.makeSequence(promptCount: prompt.count)]
        try run.advance([Step(tokens: prompt, edits: edits)])
        print(run.sequences[0].isComputed(under: edits))
        print(run.sequences[0].isComputed(under: gentleEdits))
        // Article pauses
        // Article goes on
        let context = PresetContext(model, tokenizer: tokenizer, workers: workers)
        let recipe = try ITIPreset(context, options: ITIOptions(heads: 2, folds: 1))
            .plan(examples, neutral: neutral, file: textsURL.lastPathComponent)
        for note in recipe.notes { print(note) }
        // Article pauses
        // Article goes on
        let instruction = PromptedItems.instruction(showing: examples)
        let input = EvaluationInput(
            items: try JudgedItems(halves.second, tokenizer: tokenizer, file: "contrasts"), source: .contrast,
            answers: try AnswerTask(halves.second, tokenizer: tokenizer, file: "contrasts"),
            judges: [KeywordJudge(for: ["happy", "wonderful"], against: ["sad", "dreadful"])], neutral: neutral,
            training: try TrainingActivations(texts, model: model, workers: workers),
            prompted: try PromptedItems(
                instruction, data: halves.second, tokenizer: tokenizer, choices: ChoiceTaskOptions(),
                withAnswers: true, file: "contrasts"))
        let evaluation = PlanEvaluation(model, tokenizer: tokenizer, workers: workers)
        let (report, seconds) = try evaluation.evaluate(plan, input: input)
        print("\(report.change.mean), \(report.change.ciLow ?? .nan) to \(report.change.ciHigh ?? .nan)")
        print("the wrong way: \(report.paired.movedWrongWay.share), p \(report.paired.signFlip.p)")
        for (kind, control) in report.controls.sorted(by: { $0.key < $1.key }) {
            print("\(kind): \(control.mean), at most \(control.largest)")
        }
        // Article pauses
        // Article goes on
        let doses = try evaluation.doseResponse(plan, input: input)
        for point in doses.points {
            print("\(point.factor) ×: \(point.change.change.mean), KL \(point.neutral.kl.mean)")
        }
        let document = EvaluationDocument(
            title: "Mood", facts: [("plan", "plan.json")], report: report, doses: doses, seconds: seconds,
            prompts: try input.answers?.items.map { try tokenizer.decode($0.prompt) } ?? [])
        try AtomicOutput.write(Data(document.document.html().utf8), to: folder.appending(path: "report.html"))
        // Article pauses
        // Article goes on
        let bakedURL = folder.appending(path: "baked.gguf")
        let bake = try Bake(
            model, edits: edits, plan: String(contentsOf: planURL, encoding: .utf8), everywhere: true, workers: workers)
        try bake.write(to: bakedURL)
        let verification = try BakeVerification(
            baked: LanguageModel(contentsOf: bakedURL), original: model, edits: edits, prompts: [prompt],
            workers: workers)
        print("at most \(verification.maxLogitDifference) apart at \(verification.positions) positions")
        // Article pauses
        // Article goes on
        let vector = try ControlVector(nearest: edits, model: model)
        try vector.write(to: folder.appending(path: "vector.gguf"))
        for loss in vector.losses { print(loss) }
        // Article pauses
        // Article goes on
        let imported = try HonestLlamaImport(shape).directions(
            NumPyArray(contentsOf: directionsURL), activations: NumPyArray(contentsOf: activationsURL))
        try imported.write(to: folder.appending(path: "imported.safetensors"))
        // Article ends
        return Work(
            shown: shown, found: found, recipe: recipe, report: report, doses: doses, verification: verification,
            vector: vector, imported: imported)
    }

    /// On the planted model, whose heads are known.
    func testTheInterventionIsFoundAndBeatsItsControls() throws {
        let planted = FixtureLocation.fixtures.appending(path: "planted")
        let arrays = FixtureLocation.fixtures.appending(path: "interchange/honest-llama")
        let folder = try makeTemporaryFolder()
        let work = try work(
            Inputs(
                model: planted.appending(path: "planted.gguf"), texts: planted.appending(path: "mood.jsonl"),
                contrasts: planted.appending(path: "mood-contrast.jsonl"),
                directions: arrays.appending(path: "com_directions.npy"),
                activations: arrays.appending(path: "head_wise.npy"),
                shape: HeadShape(layers: 3, heads: 4, headSize: 6),
                neutral: ["My day at work was", "The talk with my sister left me"], mostKL: 30, folder: folder))
        XCTAssertEqual(work.found.heads.map(\.name), ["2.1", "4.2"])
        XCTAssertTrue(work.shown.contains { $0.hasPrefix("2.1: ") }, "\(work.shown)")
        XCTAssertTrue(work.shown.contains { $0.hasSuffix("⟧, every generated token") }, "\(work.shown)")
        XCTAssertTrue(work.shown.contains("2.1 mood, 4.2 mood, 2.1 calm, 4.2 calm"), "\(work.shown)")
        XCTAssertEqual(work.shown.filter { $0 == "true" || $0 == "false" }, ["true", "false"])
        XCTAssertEqual(Set(work.recipe.plan.edits.map(\.target.description)), ["2.1", "4.2"])
        XCTAssertFalse(work.recipe.notes.isEmpty)

        XCTAssertGreaterThan(work.report.change.ciLow ?? .nan, 0, "\(work.report.change)")
        XCTAssertEqual(work.report.paired.movedWrongWay.share, 0)
        XCTAssertEqual(
            Set(work.report.controls.keys), ["randomDirections", "randomHeads", "shuffledLabels", "layers"])
        for kind in ["randomDirections", "randomHeads"] {
            let control = try XCTUnwrap(work.report.controls[kind])
            XCTAssertLessThan(control.largest, work.report.change.mean, kind)
        }
        XCTAssertNotNil(work.report.prompt)
        let effects = work.doses.points.map(\.change.change.mean)
        XCTAssertEqual(work.doses.points.map(\.factor), DoseResponse.factors)
        for (factor, effect) in zip(DoseResponse.factors, effects) {
            XCTAssertEqual(effect.sign, factor.sign, "\(effect) at \(factor) ×")
            XCTAssertEqual(effect == 0, factor == 0, "\(effect) at \(factor) ×")
        }
        XCTAssertTrue(
            try String(contentsOf: folder.appending(path: "report.html"), encoding: .utf8).contains("Dose and response")
        )

        XCTAssertLessThan(work.verification.maxLogitDifference, 1e-3)
        XCTAssertEqual(work.vector.directions.keys.sorted(), [2, 4])
        XCTAssertTrue(
            work.vector.losses.contains { $0.contains("the block's own MLP doesn't see it") }, "\(work.vector.losses)")
        XCTAssertEqual(work.imported.names.count, 12)
        XCTAssertNotNil(work.imported["0.0"]?.sigma)
    }

    /// Each block of code of the article stands in this file, and each part of this file's example in the article.
    func testTheArticleShowsIt() throws { try assertArticle("InterventionYouCanDefend") }
}
