import Checkpoints
import DataFiles
import DataSets
import Directions
import Foundation
import HeadSteerTesting
import Interchange
import Intervention
import ModelComparison
import Statistics
import Tasks
import TensorCore
import Tokenization
import Transformer
import XCTest
import _TestSupport

/// Whole comparisons, and what is refused.
final class ModelComparerTests: XCTestCase {
    private func input(_ planted: PlantedModel) throws -> ComparisonInput {
        let data = try DataSet(contentsOf: PlantedModel.folder.appending(path: "mood-contrast.jsonl"))
        let preparation = try TextPreparation(planted.tokenizer)
        // Every third pair of sentences: whole comparisons take their time in debug.
        let examples = planted.examples.enumerated().filter { $0.offset % 6 < 2 }.map(\.element)
        var input = ComparisonInput(
            items: .contrast(planted.contrasts.items), source: .contrast,
            texts: try examples.map { try preparation.prepare($0) },
            neutral: [planted.contrasts.items[0].prompt, planted.contrasts.items[1].prompt])
        input.answers = try AnswerTask(data, tokenizer: planted.tokenizer, file: "contrast").evenly(6)
        input.judges = [KeywordJudge("words", for: ["wonderful", "cheerful"], against: ["dreadful", "gloomy"])]
        return input
    }

    private func comparer(_ a: URL, _ b: URL) throws -> ModelComparer {
        var comparer = try ModelComparer(AlteredModel.pair(a, b))
        comparer.textTokens = 8
        return comparer
    }

    /// A cheerful copy: the answers turn, the head is named, its direction goes over.
    func testABakedPlan() throws {
        let planted = try PlantedModel()
        let directions = try planted.directions()
        let mood = try XCTUnwrap(directions.first { $0.name == "2.1" })
        let plan = LoadedPlan(
            InterventionPlan(
                directions: "d",
                edits: [
                    PlannedEdit(
                        mood.head, .add, direction: .named("2.1"), strength: 8, unit: .sigma, positions: .all)
                ]), directions: DirectionFile(directions, residualNorms: []))
        let url = try makeTemporaryFolder().appending(path: "cheerful.gguf")
        try Bake(
            planted.model, edits: plan.edits(planted.model.configuration), plan: "{}", workers: planted.workers
        ).write(to: url)
        var input = try input(planted)
        input.directions = plan.directions
        input.plan = plan
        let journal = try makeTemporaryFolder().appending(path: "parts.journal")
        let (report, seconds) = try comparer(AlteredModel.planted, url).compare(
            input, parts: PartJournal(journal, key: "key"))
        XCTAssertEqual(report.changedHeads.map(\.description), ["2.1"])
        XCTAssertLessThan(report.answers.agreement.share, 0.2, "the model's mood has turned")
        XCTAssertGreaterThan(report.answers.change.change.ciLow ?? .nan, 10)
        XCTAssertLessThan(report.answers.change.signFlip.p, 0.01)
        XCTAssertEqual(report.answers.accuracyB.share, 1)
        let test = try XCTUnwrap(report.answers.mcNemar)
        XCTAssertEqual(test.gained, 12)
        XCTAssertEqual(test.p, 2 * pow(0.5, 12), accuracy: 1e-12, "exact McNemar of 12 to 0")
        XCTAssertGreaterThan(report.divergence.kl.mean, 0.01)
        let texts = try XCTUnwrap(report.texts)
        XCTAssertNotEqual(texts.a.texts, texts.b.texts)
        XCTAssertGreaterThan(try XCTUnwrap(texts.judgedChanges["words"]).change.mean, 0.5)
        XCTAssertEqual(texts.b.refusals.share, 0)
        // 2.1 reads the mood in both: a shift of z moves no area.
        let head = try XCTUnwrap(report.heads.first { $0.head == mood.head })
        let transfer = try XCTUnwrap(head.transfer)
        XCTAssertEqual(transfer.aurocA, 1, accuracy: 0.01)
        XCTAssertEqual(transfer.aurocB, transfer.aurocA, accuracy: 0.01)
        XCTAssertEqual(try XCTUnwrap(transfer.directionCosine), 1, accuracy: 1e-3)
        XCTAssertGreaterThan(try XCTUnwrap(head.weights.biasAlong), 0.9)
        // Steered once more, the logits move on.
        XCTAssertGreaterThan(try XCTUnwrap(report.plan).changeA.change.mean, 10)
        XCTAssertEqual(
            seconds.map(\.stage), ["weights", "activations", "distributions", "answers", "directions", "texts"])
        XCTAssertTrue(report.findings.contains { $0.contains("1 of 24 heads changed: 2.1") }, "\(report.findings)")
        XCTAssertTrue(report.findings.contains { $0.contains("biases of output projections") }, "\(report.findings)")

        let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any]
        let fields = try XCTUnwrap(object)
        XCTAssertEqual(fields["format"] as? String, "headsteer.comparison/1")
        XCTAssertEqual(fields["changed"] as? [String], ["2.1"])
        XCTAssertEqual(fields["agreement"] as? Double, report.answers.agreement.share)
        XCTAssertEqual(
            try XCTUnwrap(fields["klPerToken"] as? Double), report.divergence.kl.mean, accuracy: 1e-12)
        let first = try XCTUnwrap((fields["heads"] as? [[String: Any]])?.first)
        for key in ["layer", "head", "weightChange", "activationCosine", "cka"] {
            XCTAssertNotNil(first[key] as? NSNumber, key)
        }

        // Cut off anywhere, its journal is gone on with, to the same bytes; what is known isn't computed.
        func bytes(_ report: ComparisonReport) throws -> Data {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return try encoder.encode(report)
        }
        let whole = try Data(contentsOf: journal)
        for (length, isWhole) in [(whole.count / 2, false), (whole.count, true)] {
            try whole.prefix(length).write(to: journal)
            var comparer = try comparer(AlteredModel.planted, url)
            // Whatever computes asks whether it is to stop.
            if isWhole { comparer.isCancelled = { true } }
            let again = try comparer.compare(input, parts: PartJournal(journal, key: "key")).report
            XCTAssertEqual(try bytes(again), try bytes(report), "\(length) of \(whole.count) bytes")
            XCTAssertEqual(try Data(contentsOf: journal).count, whole.count)
        }
    }

    /// Parts that somebody changed, with a right checksum, and that can't be of these models and texts are made anew.
    func testPartsOfOtherModelsDoNotCount() throws {
        let planted = try PlantedModel()
        let input = try input(planted)
        let comparer = try comparer(AlteredModel.planted, AlteredModel.planted)
        let kept = PartJournal()
        let report = try comparer.compare(input, parts: kept).report
        func bytes(_ report: ComparisonReport) throws -> Data {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return try encoder.encode(report)
        }
        var (weights, order) = (report.weights, report.weights)
        weights.heads.append(weights.heads[0])
        let short = #"{"layer": 1, "heads": {}, "within": [], "keepsFunction": true, "queryHeads": [0, 1]}"#
        order.order = [try JSONDecoder().decode(HeadOrder.self, from: Data(short.utf8))]
        var activations = report.activations
        activations.heads.removeLast()
        var (few, scored) = (try XCTUnwrap(report.texts), try XCTUnwrap(report.texts))
        few.a.texts.removeLast()
        scored.b.scores["words"] = []
        struct Tested: Codable { var transfer: DirectionTransfer? }
        var tested = try XCTUnwrap(kept.value("directions", as: Tested.self))
        let transferred = try XCTUnwrap(tested.transfer).heads
        tested.transfer?.heads = transferred + [transferred[0]]
        let changes: [(String, any Encodable)] = [
            ("weights", weights), ("weights", order), ("activations", activations), ("texts", few), ("texts", scored),
            ("directions", tested),
        ]
        // All at once where they are of different parts: whole comparisons take their time in debug.
        for own in [[0, 2, 3, 5], [1, 4]] {
            let parts = PartJournal()
            for index in own { try parts.add(changes[index].0, changes[index].1) }
            XCTAssertEqual(try bytes(comparer.compare(input, parts: parts).report), try bytes(report), "\(own)")
        }
    }

    /// Scores of choice questions come back from a journal as they went in.
    func testChoiceQuestionsGoThroughAJournal() throws {
        let planted = try PlantedModel()
        let url = try makeTemporaryFolder().appending(path: "q4.gguf")
        try AlteredModel.write(AlteredModel.planted, to: url, format: { _ in .q4_0 }) { _, _ in nil }
        var input = try input(planted)
        let rows = [
            ("our trip was", " lovely", " dreadful"), ("I feel", " glad", " sad"), ("we were", " happy", " sad"),
        ]
        let questions = rows.map { ChoiceQuestion(question: $0.0, matching: [$0.1], notMatching: [$0.2]) }
        input.items = .choice(
            try ChoiceTask(.choice(questions), tokenizer: planted.tokenizer, file: "choices"))
        input.answers = nil
        input.judges = []
        func report(_ journal: URL, isStopped: Bool) throws -> ComparisonReport {
            var comparer = try comparer(AlteredModel.planted, url)
            // Whatever computes asks whether it is to stop.
            if isStopped { comparer.isCancelled = { true } }
            return try comparer.compare(input, parts: PartJournal(journal, key: "key")).report
        }
        let journal = try makeTemporaryFolder().appending(path: "parts.journal")
        let first = try report(journal, isStopped: false)
        let choice = try XCTUnwrap(first.answers.choice)
        let scores = try XCTUnwrap(first.answers.choiceB)
        let again = try report(journal, isStopped: true)
        XCTAssertEqual(again.answers.choice, choice)
        XCTAssertEqual(again.answers.choiceB, scores)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        XCTAssertEqual(try encoder.encode(again), try encoder.encode(first))
        XCTAssertNotEqual(first.answers.choiceA, first.answers.choiceB, "rounding changes scores")
    }

    /// Formats of fewer bits are further away, in all that is measured.
    func testFormatsAreRanked() throws {
        let planted = try PlantedModel()
        let folder = try makeTemporaryFolder()
        let input = try input(planted)
        let reports = try [RoundedFormat.q8_0, .q4_0].map { format in
            let url = folder.appending(path: "\(format).gguf")
            try AlteredModel.write(AlteredModel.planted, to: url, format: { _ in format }) { _, _ in nil }
            return try comparer(AlteredModel.planted, url).compare(input).report
        }
        for report in reports {
            XCTAssertEqual(report.changedHeads, [])
            XCTAssertGreaterThan(report.answers.agreement.share, 0.9)
            XCTAssertTrue(report.findings[0].contains("rounding to the formats"), report.findings[0])
            XCTAssertGreaterThan(report.divergence.kl.mean, 0)
        }
        XCTAssertGreaterThan(reports[1].divergence.kl.mean, 4 * reports[0].divergence.kl.mean)
        XCTAssertLessThan(reports[0].divergence.kl.mean, 1e-2)
        func turned(_ report: ComparisonReport) -> Double {
            report.heads.reduce(0) { $0 + 1 - $1.activations.activationCosine }
        }
        XCTAssertGreaterThan(turned(reports[1]), 4 * turned(reports[0]))
    }

    /// One thread, or several: the same bits.
    func testThreads() throws {
        let planted = try PlantedModel()
        let url = try makeTemporaryFolder().appending(path: "q4.gguf")
        try AlteredModel.write(AlteredModel.planted, to: url, format: { _ in .q4_0 }) { _, _ in nil }
        let input = try input(planted)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let found = try [1, 3].map { threads in
            let pair = try AlteredModel.pair(AlteredModel.planted, url, threads: threads)
            return try encoder.encode(ModelComparer(pair).compare(input).report)
        }
        XCTAssertEqual(found[0], found[1])
    }

    /// Detectors from a file are tested as they are; labels of one class leave that out, and it is said.
    func testDirectionsOfAFile() throws {
        let planted = try PlantedModel()
        var input = try input(planted)
        input.detectors = (name: "probes", heads: try planted.directions())
        let comparer = try comparer(AlteredModel.planted, AlteredModel.planted)
        let report = try comparer.compare(input).report
        XCTAssertEqual(report.directionSource, "probes")
        let head = try XCTUnwrap(report.heads.first { "\($0.head)" == "4.2" })
        XCTAssertEqual(head.transfer?.aurocA, head.transfer?.aurocB)
        XCTAssertNil(head.transfer?.directionCosine)
        input.texts = input.texts.filter(\.label)
        let alone = try comparer.compare(input).report
        XCTAssertNil(alone.directionSource)
        XCTAssertTrue(alone.notes.contains { $0.contains("only one label") }, "\(alone.notes)")
    }

    func testModelsThatCannotBeCompared() throws {
        func refused(_ words: String, _ a: URL, _ b: URL, line: UInt = #line) {
            XCTAssertThrowsError(try AlteredModel.pair(a, b), line: line) { error in
                let message = (error as? InputError)?.description ?? "another error: \(error)"
                XCTAssertTrue(message.contains(words), "\(message) without \(words)", line: line)
            }
        }
        refused("layers", AlteredModel.planted, AlteredModel.grouped)
        let families = FixtureLocation.fixtures.appending(path: "families")
        refused("the architecture qwen2", AlteredModel.planted, families.appending(path: "qwen2.gguf"))
        // Another piece of text under the same id.
        let file = try GGUFFile(contentsOf: AlteredModel.planted)
        var tokens = try XCTUnwrap(file.metadata["tokenizer.ggml.tokens"]?.array).strings()
        tokens.swapAt(500, 501)
        let other = try makeTemporaryFolder().appending(path: "other.gguf")
        try AlteredModel.write(
            AlteredModel.planted, to: other, metadata: ["tokenizer.ggml.tokens": .stringArray(tokens)]
        ) { _, _ in nil }
        refused("the token 500 is", AlteredModel.planted, other)
        // Another template is no hindrance, and is said.
        let templated = try makeTemporaryFolder().appending(path: "templated.gguf")
        try AlteredModel.write(
            AlteredModel.planted, to: templated,
            metadata: ["tokenizer.chat_template": .string("{{ messages[0].content }}")]
        ) { _, _ in nil }
        XCTAssertTrue(
            try AlteredModel.pair(AlteredModel.planted, templated).vocabularyNotes.contains {
                $0.contains("chat templates differ")
            })
    }

    /// The same weights with other settings are another model, and it is said why.
    func testSettings() throws {
        let url = try makeTemporaryFolder().appending(path: "settings.gguf")
        try AlteredModel.write(
            AlteredModel.planted, to: url,
            metadata: [
                "llama.rope.freq_base": .float32(500_000), "llama.attention.layer_norm_rms_epsilon": .float32(0.25),
            ]
        ) { _, _ in nil }
        let pair = try AlteredModel.pair(AlteredModel.planted, url)
        XCTAssertEqual(pair.settings.count, 2, "\(pair.settings)")
        XCTAssertTrue(pair.settings.contains { $0.hasPrefix("the norm's ε (") && $0.hasSuffix(" and 0.25)") })
        XCTAssertTrue(pair.settings.contains { $0.hasSuffix(" and 500000.0)") }, "\(pair.settings)")
        let report = try ModelComparer(pair).compare(input(PlantedModel())).report
        XCTAssertEqual(report.findings[0], "All weights are the same.")
        XCTAssertTrue(report.findings[1].contains("rotary embedding"), report.findings[1])
        XCTAssertGreaterThan(report.divergence.kl.mean, 1e-3)
        XCTAssertEqual(try AlteredModel.pair(AlteredModel.planted, AlteredModel.planted).settings, [])
    }

    /// A copy with tokens of its own: probabilities are over the shared ones.
    func testMoreTokens() throws {
        let file = try GGUFFile(contentsOf: AlteredModel.planted)
        func array(_ key: String) throws -> GGUFArray {
            try XCTUnwrap(file.metadata["tokenizer.ggml.\(key)"]?.array, key)
        }
        let url = try makeTemporaryFolder().appending(path: "more.gguf")
        try AlteredModel.write(
            AlteredModel.planted, to: url,
            metadata: [
                "tokenizer.ggml.tokens": .stringArray(try array("tokens").strings() + ["<|more|>"]),
                "tokenizer.ggml.scores": .float32Array(try array("scores").floats() + [0]),
                "tokenizer.ggml.token_type": .int32Array(try array("token_type").integers().map { Int32($0) } + [3]),
                "llama.vocab_size": .uint32(1027),
            ]
        ) { name, tensor in
            guard name == "token_embd.weight" || name == "output.weight" else { return nil }
            var more = tensor
            more.rows += 1
            more.elements += (0..<tensor.columns).map { Float($0) / 100 }
            return more
        }
        let planted = try PlantedModel()
        let pair = try AlteredModel.pair(AlteredModel.planted, url)
        XCTAssertEqual(pair.sharedTokens, 1026)
        XCTAssertTrue(pair.vocabularyNotes.contains { $0.contains("<|more|>") }, "\(pair.vocabularyNotes)")
        let report = try ModelComparer(pair).compare(input(planted)).report
        XCTAssertEqual(report.divergence.kl.mean, 0, accuracy: 1e-9, "nothing that both have changed")
        XCTAssertEqual(report.changedHeads, [])
        XCTAssertTrue(report.weights.elsewhere.allSatisfy { !$0.isChanged }, "rows that both have")
    }
}
