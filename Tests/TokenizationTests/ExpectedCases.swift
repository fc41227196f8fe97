import Foundation
import XCTest
import _TestSupport

@testable import Tokenization

/// What an oracle says of one text: the ids with special tokens parsed and as plain text, and the text they give back.
struct ExpectedCase: Decodable {
    var text: String
    var parsed: [Int]
    var plain: [Int]
    /// Nil where the oracle's text isn't ours to give: see the script that made the file.
    var decoded: String?
}

/// The cases that a script in `Fixtures/tokenizers` wrote.
struct ExpectedCases: Decodable {
    var vocabulary: Int
    var cases: [ExpectedCase]

    static func read(_ url: URL) throws -> ExpectedCases {
        try JSONDecoder().decode(ExpectedCases.self, from: Data(contentsOf: url))
    }

    /// Compares a tokenizer with all cases; says what differs first.
    func check(_ tokenizer: Tokenizer, _ name: String, file: StaticString = #filePath, line: UInt = #line) throws {
        XCTAssertEqual(tokenizer.vocabularyCount, vocabulary, name, file: file, line: line)
        XCTAssertGreaterThan(cases.count, 10, "\(name) has hardly any cases", file: file, line: line)
        for expected in cases {
            let label = "\(name): \(expected.text.debugDescription)"
            let parsed = try tokenizer.encode(expected.text, specialTokens: .parsed)
            XCTAssertEqual(parsed, expected.parsed, "\(label), special tokens parsed", file: file, line: line)
            let plain = try tokenizer.encode(expected.text, specialTokens: .plainText)
            XCTAssertEqual(plain, expected.plain, "\(label), as plain text", file: file, line: line)
            guard let decoded = expected.decoded else { continue }
            let text = try tokenizer.decode(expected.parsed)
            XCTAssertEqual(
                Array(text.utf8), Array(decoded.utf8), "\(label) came back as \(text.debugDescription)", file: file,
                line: line)
        }
    }
}

/// The folder of this module's fixtures.
let tokenizerFixtures = FixtureLocation.fixtures.appending(path: "tokenizers")

extension XCTestCase {
    /// A tokenizer of the fixtures: a folder or a file by its name.
    func fixtureTokenizer(_ name: String) throws -> Tokenizer {
        try Tokenizer(contentsOf: tokenizerFixtures.appending(path: name))
    }

    /// The real model's tokenizer, or a skipped test.
    func smolLM2() throws -> Tokenizer {
        try RealTokenizer.smolLM2.get()
    }
}

private enum RealTokenizer {
    static let smolLM2 = Result { try Tokenizer(contentsOf: FixtureLocation.fetched(.smolLM2)) }
}
