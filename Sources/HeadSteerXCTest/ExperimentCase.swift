import DataFiles
import Foundation
@_exported import HeadSteerTesting
import Opening
import Probing
import Synchronization
import Tasks
import Transformer
import XCTest

/// A test class that is an experiment: its tests share a model, a seed and a folder, and write their figures to files.
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
/// `HEADSTEER_SEED` and `HEADSTEER_ARTEFACTS` give the seed and the folder (`ExperimentEnvironment`). At the end of the
/// class, `results.json`, `results.xml` (in JUnit's format) and `manifest.json` are in a folder with the class's name,
/// and their paths are printed, because XCTest has no attachments on Linux.
open class ExperimentCase: XCTestCase {
    /// The model of the class; the planted one by default.
    ///
    /// If it doesn't exist, the tests of the class are skipped with a message that says how to get it.
    open class var sharedModel: SharedModel { .planted }

    private var item = ExperimentRecord.Case("")
    private var began = ContinuousClock.now

    /// The model, opened once for all tests in the process.
    public var model: TextModel {
        get throws { try Self.sharedModel.open() }
    }

    /// The class's run, with its seed and the store for its files.
    public var run: ExperimentRun { get throws { try Self.run() } }

    /// The seed for everything random.
    public var seed: UInt64 { get throws { try run.seed } }

    // MARK: - What is expected

    /// Records a figure, and fails unless its whole interval meets the expectation.
    ///
    /// - Returns: whether it does.
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

    /// Expects an effect of edits on the logit difference of contrast prompts; see `TextModel.effect(of:on:seed:)`.
    @discardableResult
    public func expectEffect(
        _ name: String, of edits: [Edit], on contrasts: ContrastSet, _ expectation: Expectation,
        file: StaticString = #filePath, line: UInt = #line
    ) throws -> Bool {
        let effect = try model.effect(of: edits, on: contrasts, seed: seed)
        return expect("effect of \(name)", effect, expectation, file: file, line: line)
    }

    /// Expects an effect of edits on a judge's score for greedy texts; see
    /// `TextModel.steering(by:prompts:maxTokens:judge:seed:)`.
    @discardableResult
    public func expectSteering(
        _ name: String, by edits: [Edit], prompts: [String], maxTokens: Int = 24, judge: any TextJudge,
        _ expectation: Expectation, file: StaticString = #filePath, line: UInt = #line
    ) throws -> Bool {
        let change = try model.steering(by: edits, prompts: prompts, maxTokens: maxTokens, judge: judge, seed: seed)
        return expect("steering by \(name)", change, expectation, file: file, line: line)
    }

    /// Expects an area under the ROC curve of a head's probe, which must also be significant among all heads (max-T).
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

    /// Fails if any head is significant, for labels without meaning, where no head should be.
    ///
    /// Each call fails by chance with the probability `level`, so keep the seed fixed.
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

    /// Begins the test's record, and skips the test if the class's model doesn't exist.
    ///
    /// This happens before the test, because assertions treat a skip as a failure. In an override, call it first.
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

    // XCTest creates an object for each test but none for a class, so an object can't hold what the tests of a class
    // share.
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
