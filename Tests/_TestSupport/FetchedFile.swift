import Foundation
import XCTest

/// A file that one of the scripts brings into `Fixtures/fetched`, by its path there.
public struct FetchedFile: ExpressibleByStringInterpolation, Sendable {
    public static let smolLM2: FetchedFile = "SmolLM2-135M-Instruct.Q4_1.gguf"
    public static let qwenCoder500M: FetchedFile = "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
    public static let qwenCoder1500M: FetchedFile = "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
    public static let gemma270M: FetchedFile = "gemma-3-270m-q4_k_m.gguf"

    let path: String

    public init(stringLiteral path: String) { self.path = path }

    var url: URL { FixtureLocation.fixtures.appending(path: "fetched/\(path)") }

    /// The command that brings the file; nil where the path is of no script's making.
    var script: String? {
        switch path {
        case Self.smolLM2.path: "Fixtures/fetch-smollm2.sh"
        case Self.qwenCoder500M.path: "Fixtures/fetch-model.sh qwen2.5-coder-0.5b-instruct"
        case Self.qwenCoder1500M.path: "Fixtures/fetch-model.sh qwen2.5-coder-1.5b-instruct"
        case Self.gemma270M.path: "Fixtures/fetch-model.sh gemma-3-270m"
        default:
            switch path.prefix(while: { $0 != "/" }) {
            case "vocabularies", "templates": "Fixtures/fetch-llama-vocabularies.sh"
            case "behaviour": "Fixtures/evidence/fetch-data.sh"
            default: nil
            }
        }
    }
}

/// No script brings the file that a test asks for.
private struct UnknownFetchedFile: Error, CustomStringConvertible {
    let description: String
}

extension FixtureLocation {
    /// A file of `Fixtures/fetched`. Where it has not been fetched the test skips and says which script brings it; `.ci/run`
    /// fetches and runs what has skipped by these words.
    ///
    /// - Parameter onlyInRelease: whether the test takes minutes in a debug build, and skips there too.
    public static func fetched(
        _ file: FetchedFile, onlyInRelease: Bool = false, source: StaticString = #filePath, line: UInt = #line
    ) throws -> URL {
        guard let script = file.script else {
            throw UnknownFetchedFile(description: "no script brings fetched/\(file.path); name one in FetchedFile")
        }
        guard FileManager.default.fileExists(atPath: file.url.path(percentEncoded: false)) else {
            throw XCTSkip("SKIPPED: wants a fetched file; run \(script)", file: source, line: line)
        }
        #if DEBUG
            if onlyInRelease {
                throw XCTSkip(
                    "SKIPPED: wants a release build; run swift test -c release -Xswiftc -enable-testing", file: source,
                    line: line)
            }
        #endif
        return file.url
    }
}
