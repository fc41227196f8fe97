import DataFiles
import Foundation
import HeadSteerTesting
import XCTest
import _TestSupport

/// What an experiment leaves behind.
final class ExperimentFilesTests: XCTestCase {
    func testExpectations() {
        let estimate = Estimate(0.5, low: 0.4, high: 0.7)
        for (expectation, holds) in [
            (Expectation.above(0.39), true), (.above(0.4), false), (.above(0.45), false), (.below(0.71), true),
            (.below(0.6), false), (.within(0.4...0.7), true), (.within(0.41...0.9), false), (.within(0...0.6), false),
            (.includes(0.4), true), (.includes(0.5), true), (.includes(0.75), false), (.includes(0), false),
        ] {
            XCTAssertEqual(expectation.holds(for: estimate), holds, "\(expectation)")
        }
        let none = Estimate(.nan, low: .nan, high: .nan)
        for expectation in [Expectation.above(-1), .below(1), .within(-1...1), .includes(0)] {
            XCTAssertFalse(expectation.holds(for: none), "\(expectation) of no number")
        }
        XCTAssertEqual(
            "\(Finding("effect", estimate, .above(0.45)))", "effect: 0.50 [0.40, 0.70]; expected above 0.45")
        XCTAssertEqual("\(Estimate(0.004, low: 0.001, high: 0.012))", "0.0040 [0.0010, 0.0120]")
    }

    private func record() -> ExperimentRecord {
        var record = ExperimentRecord("Mood <1>", seed: 7)
        var good = ExperimentRecord.Case("testB")
        good.findings = [Finding("a \"b\" & c", Estimate(0.5, low: 0.4, high: 0.7), .above(0))]
        good.seconds = 1.5
        var bad = ExperimentRecord.Case("testA")
        bad.findings = good.findings + [Finding("effect", Estimate(0.1, low: -0.1, high: 0.3), .above(0))]
        bad.failures = 2
        var skipped = ExperimentRecord.Case("testC")
        skipped.skipped = "no model\nhere\u{1}"
        for item in [good, bad, skipped, good] { record.add(item) }
        return record
    }

    /// The elements and attributes that continuous integration reads, with everything escaped that XML needs.
    func testJUnit() {
        XCTAssertEqual(
            record().junit,
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites>
              <testsuite name="Mood &lt;1&gt;" tests="3" failures="1" errors="0" skipped="1" time="1.500">
                <properties><property name="seed" value="7"/></properties>
                <testcase classname="Mood &lt;1&gt;" name="testA" time="0.000">
                  <properties>
                    <property name="a &quot;b&quot; &amp; c" value="0.50 [0.40, 0.70]"/>
                    <property name="effect" value="0.10 [-0.10, 0.30]"/>
                  </properties>
                  <failure message="effect: 0.10 [-0.10, 0.30]; expected above 0.0"/>
                </testcase>
                <testcase classname="Mood &lt;1&gt;" name="testB" time="1.500">
                  <properties>
                    <property name="a &quot;b&quot; &amp; c" value="0.50 [0.40, 0.70]"/>
                  </properties>
                </testcase>
                <testcase classname="Mood &lt;1&gt;" name="testC" time="0.000">
                  <skipped message="no model&#10;here\u{FFFD}"/>
                </testcase>
              </testsuite>
            </testsuites>

            """)
    }

    /// Equal results give equal bytes, however long they took.
    func testResultsHaveNoTimes() throws {
        let store = try ArtefactStore(makeTemporaryFolder())
        var other = ExperimentRecord("Mood <1>", seed: 7)
        for var item in record().cases {
            item.seconds += 3
            other.add(item)
        }
        let first = try Data(contentsOf: store.write(json: record(), as: "a.json"))
        XCTAssertEqual(first, try Data(contentsOf: store.write(json: other, as: "b.json")))
        let read = try JSONDecoder().decode(ExperimentRecord.self, from: first)
        XCTAssertEqual(read.cases.map(\.name), ["testA", "testB", "testC"])
        XCTAssertEqual(read.cases[0].findings, record().cases[0].findings)
        XCTAssertEqual(read.cases[0].failures, 2)
        let none = try store.write(json: Estimate(0.5, low: .nan, high: .infinity), as: "none.json")
        let text = try String(contentsOf: none, encoding: .utf8)
        XCTAssertTrue(text.contains("\"low\" : \"nan\"") && text.contains("\"high\" : \"inf\""), text)
    }

    func testArtefacts() throws {
        let folder = try makeTemporaryFolder().appending(path: "deep/er")
        let store = try ArtefactStore(folder)
        let url = try store.write(Data("abc".utf8), as: "text")
        XCTAssertEqual(try String(contentsOf: url, encoding: .utf8), "abc")
        try store.write(Data("other".utf8), as: "second")
        try store.write(Data("abc".utf8), as: "second")
        // FIPS 180-2, appendix B.1.
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        XCTAssertEqual(
            store.artefacts,
            [Artefact(name: "second", bytes: 3, sha256: digest), Artefact(name: "text", bytes: 3, sha256: digest)])
        for name in ["", ".", "..", "a/b", "../x", "a\0"] {
            XCTAssertThrowsError(try store.write(Data(), as: name), name) {
                XCTAssertEqual(($0 as? InputError)?.kind, .usage, "\($0)")
            }
        }
        XCTAssertThrowsError(try ArtefactStore(url)) {
            XCTAssertEqual(($0 as? InputError)?.kind, .notWritable, "\($0)")
        }
    }

    func testEnvironment() throws {
        let plain = try ExperimentEnvironment([:])
        XCTAssertEqual(plain.seed, 0)
        XCTAssertEqual(plain.folder.lastPathComponent, "headsteer-artefacts")
        let given = try ExperimentEnvironment(["HEADSTEER_SEED": "12", "HEADSTEER_ARTEFACTS": "/somewhere/else"])
        XCTAssertEqual(given.seed, 12)
        XCTAssertEqual(given.folder.path(percentEncoded: false), "/somewhere/else")
        for seed in ["-1", "1.5", "x", "99999999999999999999"] {
            XCTAssertThrowsError(try ExperimentEnvironment(["HEADSTEER_SEED": seed]), seed) {
                XCTAssertTrue("\($0)".contains("HEADSTEER_SEED"), "\($0)")
            }
        }
    }

    /// The manifest names the model by its fingerprint and the files by their digests; no path is in it.
    func testRun() throws {
        let folder = try makeTemporaryFolder()
        let run = try ExperimentRun(
            "Mood", in: ExperimentEnvironment(["HEADSTEER_SEED": "5", "HEADSTEER_ARTEFACTS": folder.path]))
        try run.store.write(Data("abc".utf8), as: "text")
        run.add(ExperimentRecord.Case("testA"))
        let files = try run.finish(model: SharedModel.planted.open())
        XCTAssertEqual(files.map(\.lastPathComponent), ["results.json", "results.xml", "manifest.json"])
        let text = try String(contentsOf: files[2], encoding: .utf8)
        for path in [folder.lastPathComponent, "planted"] { XCTAssertFalse(text.contains(path), text) }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let manifest = try decoder.decode(RunManifest.self, from: Data(text.utf8))
        XCTAssertEqual(manifest.seed, 5)
        XCTAssertEqual(manifest.artefacts.map(\.name), ["results.json", "results.xml", "text"])
        XCTAssertEqual(manifest.precision, "exact")
        let planted = try SharedModel.planted.open()
        XCTAssertEqual(manifest.model, try planted.model.fingerprint(workers: planted.workers))
        XCTAssertNil(try RunManifest(experiment: "", seed: 0, model: nil, began: Date()).model)
    }
}
