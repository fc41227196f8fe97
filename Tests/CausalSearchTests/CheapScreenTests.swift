import DataFiles
import DataSets
import Directions
import Foundation
import HeadSteerTesting
import Statistics
import Tasks
import Transformer
import XCTest
import _TestSupport

@testable import CausalSearch

/// The screens that don't measure every head in full, on the planted model: what is there is found, what isn't is not.
final class CheapScreenTests: XCTestCase {
    private func input(_ planted: PlantedModel, examples: [LabelledExample]? = nil) throws -> SearchInput {
        let preparation = try TextPreparation(planted.tokenizer)
        return SearchInput(
            texts: try (examples ?? planted.examples).map { try preparation.prepare($0) }, contrasts: planted.contrasts,
            neutral: ["My day at work was"])
    }

    /// A search that takes few heads, so that most are dropped.
    private func options(_ method: ScreenMethod, seed: UInt64 = 0) -> SearchOptions {
        SearchOptions(
            heads: 1, screen: HeadScreen.Options(nullDirections: 2), method: method, items: 6, checkedHeads: 0,
            combines: false, seed: seed)
    }

    func testThePlantedHeadsAreFoundBesideTheExactScreen() throws {
        let planted = try PlantedModel()
        let search = HeadSearch(planted.model, tokenizer: planted.tokenizer, workers: planted.workers)
        let screens = try search.compareScreens(options(.exact), in: input(planted))
        XCTAssertEqual(screens.map(\.method), [.exact, .knockouts, .groups, .halving, .attribution])
        let exact = screens[0]
        XCTAssertEqual([exact.measured, exact.positions], [24, 24 * 6 * 6])
        XCTAssertEqual([exact.topTenRecall, exact.keptTopTen, exact.rankCorrelation ?? 0], [1, 1, 1])
        for screen in screens.dropFirst() {
            XCTAssertEqual(screen.measured, screen.method == .attribution ? 6 : 4, "\(screen.method)")
        }
        // 24 heads both ways on 3 items, and 4 in full; a hundred sets are many for so few heads.
        XCTAssertEqual(screens[3].positions, 2 * 24 * 3 + 4 * 6 * 6)
        XCTAssertEqual(screens[1].positions, 100 * 6 + 4 * 6 * 6)
        // Both planted heads are called by the screens that move heads. Without an edit these prompts have no mood, so there is
        // nothing to knock out.
        for screen in screens where ![.exact, .knockouts].contains(screen.method) {
            XCTAssertEqual([screen.calledExactly, screen.calledToo], [2, 2], "\(screen)")
        }
    }

    /// Stopped within a screen, a comparison continues after the last layer that was screened, with the same findings.
    func testAComparisonContinuesWhereItWasStopped() throws {
        let planted = try PlantedModel()
        var search = HeadSearch(planted.model, tokenizer: planted.tokenizer, workers: planted.workers)
        let methods = [ScreenMethod.halving]
        func findings(_ parts: PartJournal) throws -> [ComparedScreen] {
            var screens = try search.compareScreens(options(.exact), in: input(planted), methods: methods, parts: parts)
            for index in screens.indices {
                XCTAssertGreaterThan(try XCTUnwrap(screens[index].seconds), 0)
                screens[index].seconds = nil
            }
            return screens
        }
        let whole = try findings(PartJournal())
        let parts = PartJournal()
        // In the middle of the exact screen's 24 heads, and of the cheap one's 4.
        for (heads, kept, notKept) in [
            (24, "exact, layer 2", "exact, layer 3"), (4, "halving, estimates", "halving, layer 5"),
        ] {
            var isStopped = false
            search.isCancelled = { isStopped }
            XCTAssertThrowsError(
                try search.compareScreens(options(.exact), in: input(planted), methods: methods, parts: parts) {
                    if case .screening(let done, heads) = $0, done >= heads / 2 { isStopped = true }
                }
            ) { XCTAssertTrue($0 is CancellationError, "\($0)") }
            XCTAssertTrue(parts.has(kept), kept)
            XCTAssertFalse(parts.has(notKept), notKept)
        }
        search.isCancelled = { false }
        var stages = 0
        let again = try search.compareScreens(options(.exact), in: input(planted), methods: methods, parts: parts) {
            if case .estimating = $0 { stages += 1 }
        }
        XCTAssertEqual(stages, 0, "estimates are kept")
        XCTAssertEqual(again.map(\.topTenRecall), whole.map(\.topTenRecall))
        XCTAssertEqual(try findings(parts), whole)
    }

    /// The screen of a search alone.
    private func screen(
        _ method: ScreenMethod, _ planted: PlantedModel, examples: [LabelledExample]? = nil,
        state: inout SearchState, onState: @escaping (SearchState) -> Void = { _ in }
    ) throws -> [ScreenedHead] {
        var search = HeadSearch(planted.model, tokenizer: planted.tokenizer, workers: planted.workers)
        search.onState = onState
        let options = options(method)
        let input = try input(planted, examples: examples)
        let items = input.contrasts.evenly(options.items).items
        return try search.screen(
            search.fitted(options, input) { _ in }.directions,
            sweep: HeadSweep(planted.model, items: items, workers: planted.workers), items: items, options: options,
            state: &state
        ) { _ in }.sorted(by: ScreenedHead.isBefore)
    }

    /// What a cheap screen keeps is measured exactly as without it, and dropped heads count in the correction.
    func testWhatIsKeptIsMeasuredInFull() throws {
        let planted = try PlantedModel()
        var none = SearchState(key: "")
        let exact = try screen(.exact, planted, state: &none)
        XCTAssertTrue(exact.allSatisfy { $0.estimate == nil && $0.isDropped == nil })
        for method in [ScreenMethod.groups, .halving, .attribution] {
            let kept = method == .attribution ? 6 : 4
            var (states, state): ([SearchState], SearchState) = ([], SearchState(key: ""))
            let found = try screen(method, planted, state: &state) { states.append($0) }
            XCTAssertEqual(found.prefix(2).map { "\($0.head)" }, ["2.1", "4.2"], "\(method)")
            XCTAssertEqual(found.map { $0.isDropped == true }, (0..<24).map { $0 >= kept }, "dropped heads come last")
            for head in found {
                let own = try XCTUnwrap(exact.first { $0.head == head.head })
                XCTAssertNotNil(head.estimate)
                if head.isDropped == true {
                    XCTAssertEqual([head.p, head.q], [1, 1])
                    XCTAssertTrue(head.nullEffects.isEmpty)
                } else {
                    XCTAssertEqual(head.effect, own.effect)
                    XCTAssertEqual(head.nullEffects, own.nullEffects)
                }
            }
            XCTAssertEqual(found.map { $0.q ?? .nan }, benjaminiHochberg(found.map { $0.p ?? .nan }))
            // A search that was stopped after its estimates goes on with them.
            var stopped = try XCTUnwrap(states.first { $0.estimates != nil && $0.screened.isEmpty })
            stopped.estimates?[23].effect = -1234
            let continued = try screen(method, planted, state: &stopped)
            XCTAssertEqual(continued.prefix(kept), found.prefix(kept))
            XCTAssertTrue(continued.contains { $0.estimate == -1234 })
        }
    }

    /// Labels that mean nothing call no head, whichever way heads are looked through.
    func testShuffledLabelsCallNothing() throws {
        let planted = try PlantedModel()
        var random = SeededGenerator(seed: 9)
        var labels = planted.examples.map(\.label)
        random.shuffle(&labels)
        let shuffled = zip(planted.examples, labels).map { example, label in
            LabelledExample(completion: example.text, label: label, group: example.text)
        }
        for method in [ScreenMethod.groups, .halving, .attribution] {
            var state = SearchState(key: "")
            let found = try screen(method, planted, examples: shuffled, state: &state)
            // The planted heads move the items along nearly any direction that isn't at right angles to theirs.
            let called = found.filter { ($0.q ?? 1) <= 0.05 && !["2.1", "4.2"].contains("\($0.head)") }
            XCTAssertTrue(called.isEmpty, "\(method) calls \(called.map(\.head))")
        }
    }

    func testMasksHaveEveryHeadEquallyOften() throws {
        let planted = try PlantedModel()
        let one = try planted.directions()[0]
        let sweep = try HeadSweep(planted.model, items: planted.contrasts.items, workers: planted.workers)
        for (count, size) in [(24, 1), (130, 3), (270, 5), (336, 7), (448, 9)] {
            let screen = GroupScreen(
                sweep: sweep, directions: Array(repeating: one, count: count), strength: 8, seed: 2)
            let masks = screen.masks()
            XCTAssertEqual(masks.count, 100)
            XCTAssertTrue(masks.allSatisfy { $0.count == size && Set($0).count == size }, "\(count) heads")
            var counts = [Int](repeating: 0, count: count)
            for index in masks.joined() { counts[index] += 1 }
            XCTAssertLessThanOrEqual((counts.max() ?? 9) - (counts.min() ?? 0), 1, "\(count) heads")
            XCTAssertEqual(masks, screen.masks())
        }
    }

    func testRoundsOfHalving() {
        XCTAssertEqual(HalvingScreen.rounds(items: 24), [3, 6, 12])
        XCTAssertEqual(HalvingScreen.rounds(items: 60), [8, 15, 30])
        XCTAssertEqual(HalvingScreen.rounds(items: 6), [3])
        XCTAssertEqual(HalvingScreen.rounds(items: 1), [1])
        XCTAssertEqual(SearchOptions(heads: 4, checkedHeads: 0).screenedInFull(of: 336), 42)
        XCTAssertEqual(SearchOptions(heads: 4, checkedHeads: 16).screenedInFull(of: 24), 16)
        XCTAssertEqual(SearchOptions(heads: 30, checkedHeads: 0).screenedInFull(of: 24), 24)
    }
}
