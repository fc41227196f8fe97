import Foundation
import Transformer
import XCTest
import _TestSupport

/// What differs between families is in the description of a block. Code that asks for a family's name elsewhere would need
/// a look for every family that is added.
final class ArchitectureNamesTests: XCTestCase {
    /// Files that may name families, which ones, and why.
    private static let allowed: [String: (names: Set<String>, reason: String)] = [
        "Tokenization/GGUF/GGUFTokenizer.swift": (
            ["gpt2", "llama", "phi3"], "values of tokenizer.ggml.model; Phi-3's white space, as llama.cpp tells it"
        ),
        "Tokenization/GGUF/LlamaCppPatterns.swift": (["qwen2"], "values of tokenizer.ggml.pre"),
        "HeadSteerBench/Models/BenchVocabulary.swift": (["llama"], "the value of tokenizer.ggml.model"),
        "HeadSteerBench/Models/RandomModel.swift": (["llama"], "makes Llamas"),
        "HeadSteerTesting/PlantedModels/PlantedDesign.swift": (["llama"], "makes a Llama"),
        "HeadSteerTesting/PlantedModels/Vocabulary.swift": (["llama"], "the value of tokenizer.ggml.model"),
        "Tasks/NeutralTexts/NeutralTexts.swift": (["granite"], "a sentence about a bridge"),
    ]

    /// Where a text names a family in a string literal. `llama.cpp` and `mistral.rs` are programs, and a file of Qwen's is no family.
    private func names(in text: String) -> [(line: Int, name: String)] {
        let families = Set(LanguageModel.supportedArchitectures)
        return StringLiterals(in: text).found.flatMap { literal in
            literal.text.replacing(/llama\.cpp|mistral\.rs|[\w.\/-]+\.gguf/, with: "").matches(of: /[A-Za-z0-9_\-]+/)
                .map { String($0.output) }.filter(families.contains).map { (literal.line, $0) }
        }
    }

    func testNoFileButTheFamiliesNamesAFamily() throws {
        let sources = FixtureLocation.package.appending(path: "Sources")
        let root = sources.path(percentEncoded: false)
        var left = Self.allowed.mapValues(\.names)
        var files = 0
        for case let url as URL in try XCTUnwrap(
            FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        where url.pathExtension == "swift" {
            let file = String(url.path(percentEncoded: false).dropFirst(root.count).drop { $0 == "/" })
            if file.hasPrefix("Transformer/Architectures/") { continue }
            files += 1
            for (line, name) in names(in: try String(contentsOf: url, encoding: .utf8)) {
                left[file]?.remove(name)
                XCTAssertTrue(
                    Self.allowed[file]?.names.contains(name) ?? false,
                    "Sources/\(file):\(line) names \(name). Say what differs in a field of the description of a block.")
            }
        }
        XCTAssertGreaterThan(files, 300)
        for (file, names) in left where !names.isEmpty {
            XCTFail("\(file) doesn't name \(names.sorted()): the list of those that may is out of date")
        }
    }

    func testANameIsSeenWhereverItIsALiteral() {
        let text = #"""
            /// As "qwen2" does, and Phi3.
            if configuration.architecture == "qwen2" { scale = 1 }  // "gemma2"
            let message = "use \(isOld ? "gpt2" : name) and \(count(in: "(")), not llama.cpp; or mistral"
            /* "olmo2" */ let key = "llama.block_count", other = "smollm3-large", raw = #"\p{N} granite"#
            let long = """
                of two lines, "quoted": \
                phi3
                """
            let last = "stablelm"
            """#
        XCTAssertEqual(
            names(in: text).map { "\($0.line) \($0.name)" },
            ["2 qwen2", "3 gpt2", "3 mistral", "4 llama", "4 granite", "5 phi3", "9 stablelm"])
    }
}
