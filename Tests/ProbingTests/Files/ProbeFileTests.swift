import Checkpoints
import DataFiles
import Directions
import Foundation
import Statistics
import Transformer
import XCTest
import _TestSupport

@testable import Probing

final class ProbeFileTests: XCTestCase {
    private func probes(site: SiteKind = .z) throws -> ProbeFile {
        var generator = SeededGenerator(seed: 31)
        let rows = GroupedLabels(labels: (0..<20).map { $0 % 2 == 0 }, groups: (0..<20).map { $0 / 2 })
        let heads = site == .z ? 2 : 1
        let values = (0..<20 * 3 * heads * 4).map { _ in Float(generator.gaussian()) }
        let activations = LabelledActivations(
            table: try ActivationTable(values: values, examples: 20, layers: 3, heads: heads, headSize: 4), rows: rows,
            residualNorms: [1, 2, 3], site: site, metadata: ["data": "d.jsonl", "labels": "[]", "positions": "last"])
        let report = try activations.table.probeHeads(
            rows, options: ProbeOptions(estimator: .lda, permutations: 9, controlTasks: 1))
        return try ProbeFile(activations, report: report, direction: .massMean, fingerprint: "sha256:ab")
    }

    func testWhatIsWrittenIsRead() throws {
        let url = try makeTemporaryFolder().appending(path: "p.safetensors")
        for site in [SiteKind.z, .residualPost] {
            let probes = try probes(site: site)
            XCTAssertEqual(probes.directions[0].estimator, .massMean)
            XCTAssertEqual(probes.detectors[0].estimator, .lda)
            try probes.write(to: url)
            let read = try ProbeFile(contentsOf: url, model: "sha256:ab")
            XCTAssertEqual(read.report, probes.report)
            XCTAssertEqual(read.provenance, ["data": "d.jsonl", "positions": "last"])
            XCTAssertEqual([read.site, site], [site, site])
            XCTAssertEqual(read.residualNorms, [1, 2, 3])
            for (own, expected) in zip(read.directions + read.detectors, probes.directions + probes.detectors) {
                XCTAssertEqual(own.vector, expected.vector)
                assertClose(own.unit, expected.unit, absolute: 1e-6, "unit vector")
                XCTAssertEqual(own.sigma, expected.sigma, accuracy: 1e-6)
                XCTAssertEqual(own.withinClassSigma, expected.withinClassSigma, accuracy: 1e-6)
                XCTAssertEqual(own.threshold, expected.threshold, accuracy: 1e-6)
                XCTAssertEqual(own.trueMean, expected.trueMean)
                XCTAssertEqual(own.mean, expected.mean)
                XCTAssertEqual(own.headNorm, expected.headNorm, accuracy: 1e-6)
                XCTAssertEqual(own.head, expected.head)
                XCTAssertEqual(own.estimator, expected.estimator)
            }
            let z: [Float] = [0.3, -1, 2, 0.5]
            XCTAssertEqual(read.detectors[1].score(z), probes.detectors[1].score(z), accuracy: 1e-5)
        }
    }

    /// Every change of a good file is refused, by name.
    func testLoadingIsStrict() throws {
        let folder = try makeTemporaryFolder()
        let good = folder.appending(path: "good.safetensors")
        try probes().write(to: good)
        XCTAssertThrowsError(try ProbeFile(contentsOf: good, model: "sha256:cd")) {
            XCTAssertTrue("\($0)".contains("another model"), "\($0)")
        }
        XCTAssertNoThrow(try ProbeFile(contentsOf: good, model: nil))
        let file = try SafetensorsFile(contentsOf: good)
        func assertRefused(
            _ part: String, metadata: (inout [String: String]) -> Void = { _ in },
            tensor: (String, [Int], [Float]) -> (String, [Int], [Float])? = { ($0, $1, $2) },
            extra: String? = nil, line: UInt = #line
        ) throws {
            var strings = file.metadata
            metadata(&strings)
            var writer = SafetensorsWriter(metadata: strings)
            for entry in file.entries {
                if let changed = tensor(entry.name, entry.shape, try file.floats(entry.name)) {
                    writer.add(changed.0, shape: changed.1, changed.2)
                }
            }
            if let extra { writer.add(extra, shape: [1], [0]) }
            let url = folder.appending(path: "bad.safetensors")
            try writer.write(to: url)
            XCTAssertThrowsError(try ProbeFile(contentsOf: url, model: nil), part, line: line) {
                XCTAssertEqual(($0 as? InputError)?.kind.general, .badData, line: line)
                XCTAssertTrue("\($0)".contains(part), "\($0)", line: line)
            }
        }
        for key in ["format", "fingerprint", "site", "estimator", "detector", "statistics"] {
            try assertRefused(key, metadata: { $0[key] = nil })
        }
        try assertRefused("headsteer.probes/2", metadata: { $0["format"] = "headsteer.probes/2" })
        try assertRefused("estimator", metadata: { $0["estimator"] = "magic" })
        try assertRefused("statistics", metadata: { $0["statistics"] = "{}" })
        for name in file.entries.map(\.name) where !name.hasSuffix("residual-norm") {
            try assertRefused(name, tensor: { $0 == name ? nil : ($0, $1, $2) })
        }
        try assertRefused("2.1", tensor: { $0 == "2.1" ? ($0, [2, 2], $2) : ($0, $1, $2) })
        try assertRefused("1.0.sigma", tensor: { $0 == "1.0.sigma" ? ($0, $1, [.nan]) : ($0, $1, $2) })
        try assertRefused("3.0", extra: "3.0")
    }

    /// Files of version 0.1 spell the directions of sites without heads `layer.L`.
    func testFormerNamesAreRead() throws {
        let folder = try makeTemporaryFolder()
        let url = folder.appending(path: "new.safetensors")
        let probes = try probes(site: .residualPost)
        try probes.write(to: url)
        let file = try SafetensorsFile(contentsOf: url)
        XCTAssertNotNil(file["residual-post.2.sigma"])
        var writer = SafetensorsWriter(metadata: file.metadata)
        for entry in file.entries {
            writer.add(
                entry.name.replacing("residual-post.", with: "layer."), shape: entry.shape, try file.floats(entry.name))
        }
        let old = folder.appending(path: "old.safetensors")
        try writer.write(to: old)
        XCTAssertEqual(
            try ProbeFile(contentsOf: old, model: nil), try ProbeFile(contentsOf: url, model: nil))
        let directions = DirectionFile(try ProbeFile(contentsOf: old, model: nil))
        XCTAssertEqual(directions.names, (0..<3).map { "residual-post.\($0)" })
        XCTAssertEqual(directions["residual-post.1"]?.vector, probes.directions[1].vector)
        XCTAssertEqual(directions["residual-post.1"]?.residualNorm, 2)
    }
}
