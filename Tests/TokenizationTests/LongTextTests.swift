import XCTest
import _TestSupport

@testable import Tokenization

/// Long words go through the heap, short ones through the search: both must merge alike. Sizes at which an algorithm
/// that is not linear-ish would not come back.
final class LongTextTests: XCTestCase {
    private struct PairRule: MergeRule {
        func merge(_ left: MergeSymbol, _ right: MergeSymbol) -> Merge? {
            // Some pairs merge, with many equal priorities; what they become depends on both.
            let sum = left.id &* 7 &+ right.id &* 3
            return sum % 5 < 3 ? Merge(priority: UInt32(sum % 11), merged: (sum &+ 1) % 23) : nil
        }
    }

    func testHeapAndSearchMergeAlike() {
        var generator = SeededRandom(state: 3)
        for round in 0..<300 {
            let count = 2 + round % 47
            let symbols = (0..<count).map {
                MergeSymbol(id: Int32.random(in: 0..<23, using: &generator), start: $0, end: $0 + 1)
            }
            var searched = SymbolMerger()
            searched.symbols = symbols
            searched.merge(by: PairRule())
            // Behind a wall of symbols that never merge, the same word is long.
            let wall = (0..<60).map { MergeSymbol(id: -1, start: count + $0, end: count + $0 + 1) }
            var heaped = SymbolMerger()
            heaped.symbols = symbols + wall
            heaped.merge(by: Walled(rule: PairRule()))
            XCTAssertEqual(
                heaped.symbols.dropLast(60).map { [$0.id, Int32($0.start), Int32($0.end)] },
                searched.symbols.map { [$0.id, Int32($0.start), Int32($0.end)] }, "round \(round), \(count) symbols")
        }
    }

    private struct Walled: MergeRule {
        var rule: PairRule

        func merge(_ left: MergeSymbol, _ right: MergeSymbol) -> Merge? {
            left.id < 0 || right.id < 0 ? nil : rule.merge(left, right)
        }
    }

    func testLongWordsComeBackWhole() throws {
        let length = 9_000
        let texts = [
            String(repeating: "a", count: length), String(repeating: " ", count: length),
            String(repeating: "light", count: length / 5), String(repeating: "<", count: length),
            String(repeating: "é🙂", count: length / 6), String(repeating: "1", count: length),
            String(repeating: "\n", count: length), String(repeating: "' ", count: length / 2),
        ]
        for name in ["llama3-style", "llama2-style", "user-defined.gguf", "llama-spm.gguf"] {
            let tokenizer = try fixtureTokenizer(name)
            for text in texts {
                let ids = try tokenizer.encode(text, specialTokens: .parsed)
                let decoded = try tokenizer.decode(ids)
                // This vocabulary lacks some bytes on purpose; there, that it comes back at all is the point.
                if name == "user-defined.gguf" {
                    XCTAssertGreaterThan(ids.count, 0, "\(name): \(text.prefix(5))…")
                } else {
                    XCTAssertEqual(decoded, text, "\(name): \(text.prefix(5))…")
                }
            }
        }
    }
}
