import DataFiles
import Foundation
@_exported import HeadSteerTesting
import Opening
import Probing
import Synchronization
import Tasks
import Transformer
import XCTest

/// A test class that is an experiment: its tests share a model, have a seed and a folder, and leave their figures as files.
///
/// ```swift
/// final class MoodTests: ExperimentCase {
///     func testHead() throws {
///         let planted = try PlantedModel()
///         …
///         try expectEffect("head 2.1", of: edits, on: planted.contrasts, .above(0.5))
///     }
/// }
/// ```
///
/// `HEADSTEER_SEED` and `HEADSTEER_ARTEFACTS` give the seed and the folder (`ExperimentEnvironment`). When
/// the class is done, `results.json`, `results.xml` (as JUnit writes it) and `manifest.json` are in a folder of its name, and
/// their paths are printed: XCTest has no attachments on Linux.
open class ExperimentCase: XCTestCase {
    /// The model of the class; the planted one by default. Where it isn't there, the class's tests skip and say what brings it.
    open class var sharedModel: SharedModel { .planted }

    private var item = ExperimentRecord.Case("")
    private var began = ContinuousClock.now

    /// The model, opened once for all tests of the process.
    public var model: TextModel {
        get throws { try Self.sharedModel.open() }
    }

    /// The class's run: its seed, and the store for the files that it leaves.
    public var run: ExperimentRun { get throws { try Self.run() } }

    /// The seed for all that is random.
    public var seed: UInt64 { get throws { try run.seed } }

    // MARK: - What is expected

    /// Fails unless a figure's whole interval is as expected, and records it.
    ///
    /// - Returns: whether it is.
    @discardableResult
    public func expect(
        _ name: String, _ estimate: Estimate, _ expectation: Expectation, file: StaticString = #filePath,
        line: UInt = #line
    ) -> Bool {
        let finding = Finding(name, estimate, expectation)
        item.findings.append(finding)
        if !finding.holds { XCTFail("\(finding)", file: file, line: line) }
        return finding.holds
    }

    /// What edits change of the logit difference of contrast prompts; see `TextModel.effect(of:on:seed:)`.
    @discardableResult
    public func expectEffect(
        _ name: String, of edits: [Edit], on contrasts: ContrastSet, _ expectation: Expectation,
        file: StaticString = #filePath, line: UInt = #line
    ) throws -> Bool {
        let effect = try model.effect(of: edits, on: contrasts, seed: seed)
        return expect("effect of \(name)", effect, expectation, file: file, line: line)
    }

    /// What edits change of a judge's score of greedy texts; see
    /// `TextModel.steering(by:prompts:maxTokens:judge:seed:)`.
    @discardableResult
    public func expectSteering(
        _ name: String, by edits: [Edit], prompts: [String], maxTokens: Int = 24, judge: any TextJudge,
        _ expectation: Expectation, file: StaticString = #filePath, line: UInt = #line
    ) throws -> Bool {
        let change = try model.steering(by: edits, prompts: prompts, maxTokens: maxTokens, judge: judge, seed: seed)
        return expect("steering by \(name)", change, expectation, file: file, line: line)
    }

    /// The area under the ROC curve of a head's probe, which has to be significant among all heads (max-T) as well.
    @discardableResult
    public func expectProbe(
        _ head: Head, in report: ProbeReport, area expectation: Expectation, level: Double = 0.05,
        file: StaticString = #filePath, line: UInt = #line
    ) throws -> Bool {
        guard let result = report.heads.first(where: { $0.head == head }) else {
            throw InputError(.unknownName, "no probe of head \(head)", remedy: "probe it, or name another head")
        }
        let isSignificant = result.isSignificant(level: level)
        if !isSignificant {
            let p = result.p.map { "p \($0)" } ?? "not tested"
            XCTFail("probe of head \(head): not significant at \(level) (\(p))", file: file, line: line)
        }
        return expect("probe of head \(head)", Estimate(areaOf: result.finding), expectation, file: file, line: line)
            && isSignificant
    }

    /// Fails where any head is significant: what labels that mean nothing have to show.
    ///
    /// Each call is wrong with the probability `level`: keep the seed.
    public func expectNoProbe(
        in report: ProbeReport, level: Double = 0.05, file: StaticString = #filePath, line: UInt = #line
    ) throws {
        guard report.relabellings > 0 else {
            throw InputError.usage("probes that nothing was tested of", remedy: "probe with permutations")
        }
        let found = report.significant(level: level)
        if let best = found.first {
            XCTFail(
                "\(found.count) heads are significant at \(level), the best \(best.head): "
                    + "\(Estimate(areaOf: best.finding))", file: file, line: line)
        }
    }

    // MARK: - XCTest

    /// Begins the test's record, and skips where the class's model isn't there: before the test, since assertions take a skip for
    /// a failure. Call it first where you override it.
    open override func setUpWithError() throws {
        try super.setUpWithError()
        // `-[Class method]` on macOS, `Class.method` on Linux.
        let method = name.split(whereSeparator: { " .]".contains($0) }).last.map(String.init) ?? name
        item = ExperimentRecord.Case(method)
        began = .now
        if let reason = Self.sharedModel.reasonToSkip {
            item.skipped = reason
            throw XCTSkip(reason)
        }
    }

    open override func tearDown() {
        item.failures = testRun?.failureCount ?? 0
        if testRun?.hasBeenSkipped == true, item.skipped == nil { item.skipped = "skipped by the test" }
        let seconds = (ContinuousClock.now - began).components
        item.seconds = Double(seconds.seconds) + Double(seconds.attoseconds) * 1e-18
        try? Self.run().add(item)
        super.tearDown()
    }

    open override class func tearDown() {
        do {
            let isThere = sharedModel.reasonToSkip == nil
            for url in try run().finish(model: isThere ? sharedModel.open() : nil) {
                print("\(Self.self) wrote \(url.path(percentEncoded: false))")
            }
        } catch {
            XCTFail("the files of \(Self.self) can't be written: \(error)")
        }
        super.tearDown()
    }

    // XCTest makes an object of each test and none of a class, so that what tests of a class have in common can't be in one.
    private static let runs = Mutex<[String: ExperimentRun]>([:])

    private static func run() throws -> ExperimentRun {
        let name = String(describing: Self.self)
        return try runs.withLock { runs in
            if let run = runs[name] { return run }
            let run = try ExperimentRun(name, in: ExperimentEnvironment())
            runs[name] = run
            return run
        }
    }
}
