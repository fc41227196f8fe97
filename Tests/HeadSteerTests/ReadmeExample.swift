import Foundation
import HeadSteer
import XCTest
import _TestSupport

/// The library example of the README, compiled and run as it stands there.
final class ReadmeExample: XCTestCase {
    private func example(model url: URL, data: URL, contrasts: URL) throws -> [String] {
        var shown: [String] = []
        func print(_ text: String) { shown.append(text) }
        // README begins
        let workers = WorkerPool()
        let model = try LanguageModel(contentsOf: url)
        let tokenizer = try Tokenizer(contentsOf: url)

        // Read: z of head 1 in layer 2, the input of the output projection, at the prompt's last token.
        let prompt = try tokenizer.encode(prompt: "My day at work was", completion: "").prompt
        let run = Run(model, workers: workers)
        run.sequences = [model.makeSequence(promptCount: prompt.count)]
        let result = try run.advance([Step(tokens: prompt, reads: [Read(.z(2))])])[0]
        let size = model.configuration.headSize
        let z = result[.z(2)]?.values.row(0).dropFirst(1 * size).prefix(size)

        // Find: directions from labelled sentences, then the heads that cause the behaviour.
        let preparation = try TextPreparation(tokenizer)
        let input = SearchInput(
            texts: try DataSet(contentsOf: data).labelledExamples.map { try preparation.prepare($0) },
            contrasts: try ContrastSet(DataSet(contentsOf: contrasts), tokenizer: tokenizer, file: contrasts.path),
            neutral: Array(NeutralTexts.sentences.prefix(2)))
        let search = HeadSearch(model, tokenizer: tokenizer, workers: workers)
        let found = try search.find(SearchOptions.quick(heads: 2), in: input)

        // Edit: the same prompt with those heads pushed to either side, and left alone.
        for scale in [-1.0, 0, 1] {
            let request = GenerationRequest(
                prompt: prompt, edits: found.edits(scale: scale), maxTokens: 24,
                endTokens: tokenizer.endOfGenerationTokens)
            let text = try BatchGenerator([request], model: model, workers: workers).finish()[0]
            print(try tokenizer.decode(text.ids, continuing: true))
        }
        // README ends
        XCTAssertEqual(z?.count, size)
        return shown
    }

    func testItRuns() throws {
        let planted = FixtureLocation.fixtures.appending(path: "planted")
        let texts = try example(
            model: planted.appending(path: "planted.gguf"), data: planted.appending(path: "mood.jsonl"),
            contrasts: planted.appending(path: "mood-contrast.jsonl"))
        XCTAssertEqual(texts.count, 3)
        XCTAssertTrue(texts[0].contains("gloomy"), texts[0])
        XCTAssertTrue(texts[1].contains("ordinary"), texts[1])
        XCTAssertTrue(texts[2].contains("cheerful"), texts[2])
    }

    func testTheReadmeShowsIt() throws {
        let source = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
        let readme = try String(
            contentsOf: FixtureLocation.package.appending(path: "README.md"), encoding: .utf8)
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        let first = try XCTUnwrap(lines.firstIndex { $0.hasSuffix("// README begins") })
        let last = try XCTUnwrap(lines.firstIndex { $0.hasSuffix("// README ends") })
        let example = lines[(first + 1)..<last].map { $0.hasPrefix("        ") ? String($0.dropFirst(8)) : String($0) }
        XCTAssertTrue(
            readme.contains(example.joined(separator: "\n")),
            "README.md does not show the example that is compiled here")
    }
}
