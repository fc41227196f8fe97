import DataFiles
import Foundation
import Transformer

@testable import Viewing

/// Contents of any size whose numbers are known.
enum SamplePage {
    /// The head that is best by effect, and the one that is best by area.
    static let bestHead = Head(layer: 1, index: 2)
    static let bestReader = Head(layer: 3, index: 0)
    /// What a model might write to get into the page.
    static let hostile = "</script><script>document.title = 'taken'</script><img src=x onerror=alert(1)>"

    static func contents(layers: Int = 4, heads: Int = 3, texts: Int = 12, tokens: Int = 9) -> ViewContents {
        var contents = ViewContents(title: "A run & its heads", layers: layers, heads: heads)
        let count = layers * heads
        var random = SeededGenerator(seed: 5)
        let (best, reader) = (bestHead.layer * heads + bestHead.index, bestReader.layer * heads + bestReader.index)
        let effects = (0..<count).map { $0 == best ? 2.5 : 0.2 * random.gaussian() }
        let areas = (0..<count).map { $0 == reader ? 0.97 : 0.5 + 0.03 * abs(random.gaussian()) }
        contents.facts = [.init("model", "sample.gguf")]
        contents.notes = ["Something is left out."]
        contents.columns = [
            HeadColumn(key: "search/effect", label: "effect", source: "report.json (search)", values: effects),
            HeadColumn(
                key: "search/q", label: "q", source: "report.json (search)",
                values: (0..<count).map { $0 == best ? 0.001 : 0.9 }, ascending: true, test: true),
            HeadColumn(
                key: "probes/auroc", label: "auroc", source: "probes.safetensors",
                values: areas.enumerated().map { $0.offset == 0 ? nil : $0.element }, centre: 0.5),
        ]
        (contents.defaults.column, contents.defaults.x) = ("search/effect", "probes/auroc")
        contents.defaults.y = "search/effect"
        contents.chosen = [best]
        addTexts(&contents, texts: texts, tokens: tokens, random: &random)
        contents.writes = (0..<count).map { head in
            WrittenTokens(
                raised: [.init(piece: contents.pieces.place(" up\(head)"), weight: 1.5)],
                lowered: [.init(piece: contents.pieces.place(" down\(head)"), weight: -1.25)])
        }
        contents.steering = SteeredTexts(
            source: "Sample.", labels: ["−8 σ", "none", "+8 σ"], prompts: ["The day", "At work"],
            texts: [["was sad", "it rained"], ["was fine", hostile], ["was a great day", "it was fun"]], base: 1,
            preferred: 2)
        addLogs(&contents)
        return contents
    }

    private static func addTexts(
        _ contents: inout ViewContents, texts: Int, tokens: Int, random: inout SeededGenerator
    ) {
        let count = contents.layers * contents.heads
        let items = (0..<texts).map { text in
            ViewedTexts.Item(
                tokens: (0..<tokens).map { contents.pieces.place($0 == 2 ? hostile : " t\(text)w\($0)") },
                read: tokens - 1..<tokens, label: text % 2 == 0, line: text + 1)
        }
        contents.texts = ViewedTexts(items: items)
        // At head h, text t scores t + h / 100: the last one is always the highest.
        let scores = (0..<count).map { head in (0..<texts).map { Double($0) + Double(head) / 100 } }
        contents.scores = TextScores(what: "the score", scores)
        let picks = scores.map { TokenProjections.picks($0) }
        contents.projections = TokenProjections(
            picks: picks, picks.map { texts in texts.flatMap { _ in (0..<tokens).map { _ in random.gaussian() } } })
        for text in [0, 1] {
            // Every token looks at the one before it alone.
            let row = (0..<tokens).flatMap { query in (0...query).map { $0 == max(query - 1, 0) ? Float(1) : 0 } }
            contents.patterns.append(
                AttentionPattern(text: text, tokens: tokens, (0..<count).flatMap { _ in row }))
        }
    }

    private static func addLogs(_ contents: inout ViewContents) {
        contents.logs = [
            .watch(
                WatchLog(
                    name: "watch.jsonl", note: "", points: (0..<40).map { (Double($0), $0 > 30 ? 4.5 : 1) },
                    threshold: 3,
                    alarms: [.init(position: 31, score: 4.5, named: [bestReader], other: "changed")])),
            .events(
                EventLog(
                    name: "guard.jsonl", note: "", spans: [.init(name: "2026-W48", counts: [5, 1, 2])],
                    reasons: [
                        .init(layer: "input", filter: "words", reason: hostile, outcome: "refused", times: 2),
                        .init(
                            layer: "activations", filter: "monitor", reason: "changed activations", outcome: "flagged",
                            times: 1),
                    ])),
        ]
    }
}
