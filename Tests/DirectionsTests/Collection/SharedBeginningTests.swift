import DataSets
import Foundation
import TensorCore
import Transformer
import XCTest
import _TestSupport

@testable import Directions

/// Texts of one batch that begin alike give what each gives by itself, to the bit, for fewer multiplications.
final class SharedBeginningTests: XCTestCase {
    private let question = (0..<20).map { 3 + $0 * 7 % 40 }
    private let other = (0..<18).map { 4 + $0 * 5 % 40 }

    private func text(_ tokens: [Int], from position: Int? = nil) -> PreparedText {
        PreparedText(
            tokens: tokens, positions: (position ?? tokens.count - 1)..<tokens.count, label: true, group: "a")
    }

    /// A question with three answers, one of them read from within; another one twice; and one by itself.
    private var texts: [PreparedText] {
        [
            text(question + [9, 11]), text(other + [8], from: 17), text(question + [10, 11, 12]), text([5, 6, 7]),
            text(other + [8]), text(question + [9, 13], from: 20),
        ]
    }

    func testWhatIsShared() throws {
        let model = try LanguageModel(contentsOf: FixtureLocation.fixtures.appending(path: "planted/planted.gguf"))
        func shared(_ texts: [PreparedText], positions: ReadPositions = .last) throws -> [Int] {
            try ActivationReading(model, texts, positions: positions)
                .beginnings(of: Array(texts.indices), Run(model, workers: WorkerPool(count: 1))).map(\.count)
        }
        XCTAssertEqual(try shared(texts), [20, 17, 20, 0, 17, 20])
        // Of texts that are read from their first token nothing is shared, nor of a beginning of a few tokens.
        XCTAssertEqual(try shared(texts.map { text($0.tokens, from: 0) }, positions: .all), [0, 0, 0, 0, 0, 0])
        XCTAssertEqual(try shared([text([5, 6, 7, 8]), text([5, 6, 7, 9])]), [0, 0])
        // What all texts begin with, and each question with its answers besides.
        let template = Array(other.prefix(17))
        let ends = [[9], [10]].flatMap { end in [question, other].map { text(template + $0 + $0 + end) } }
        XCTAssertEqual(try shared(ends), [57, 53, 57, 53])
        // A few tokens that all begin with don't part a question from its answers.
        let long = [5] + question
        XCTAssertEqual(try shared([text(long + [9]), text(long + [10]), text([5, 6])]), [21, 21, 0])
    }

    func testSameBitsAsAlone() throws {
        let families = try FixtureLocation.families()
        XCTAssertGreaterThan(families.count, 15)
        for url in families + [FixtureLocation.fixtures.appending(path: "planted/planted.gguf")] {
            var model = try LanguageModel(contentsOf: url)
            for precision in [Precision.exact, .fast] {
                model.precision = precision
                try assertSameAsAlone(model, "\(url.lastPathComponent), \(precision)")
            }
        }
    }

    private func assertSameAsAlone(_ model: LanguageModel, _ name: String) throws {
        let vocabulary = model.configuration.vocabulary
        let texts = texts.map { given in
            var given = given
            given.tokens = given.tokens.map { $0 % vocabulary }
            return given
        }
        let (together, apart) = (WorkerPool(count: 2), WorkerPool(count: 1))
        let read = try HeadCollection.withResidual(ActivationReading(model, texts), workers: together)
        var z: [Float] = []
        var residual: [Float] = []
        for text in texts {
            let alone = try HeadCollection.withResidual(ActivationReading(model, [text]), workers: apart)
            z += alone.collection.table.values
            residual += alone.residual.values
        }
        assertClose(read.collection.table.values, z, relative: 0, "\(name): z")
        assertClose(read.residual.values, residual, relative: 0, "\(name): residual stream")
        // 108 tokens by themselves; 20 + 2 + 3 + 2, 17 + 2 + 2 and 3 with what is shared.
        XCTAssertLessThan(
            Double(together.multiplications), 0.5 * Double(apart.multiplications), "\(name): nothing was shared")
    }
}
