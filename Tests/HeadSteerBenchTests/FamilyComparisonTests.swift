import Checkpoints
import DataFiles
import Foundation
import HeadSteer
import XCTest
import _TestSupport

@testable import HeadSteerBench

/// A small random model of every family, as transformers and as llama.cpp's converter store it, against transformers.
final class FamilyComparisonTests: XCTestCase {
    private static let folder = FixtureLocation.fixtures.appending(path: "families")

    /// Every site, logits in every kind of pass, and edits, over 300 positions. Measured: 4e-6 at most.
    func testEveryFamilyAgreesWithTransformers() throws {
        let workers = WorkerPool(count: 2)
        let names = try FamilyReference.names(in: Self.folder)
        XCTAssertGreaterThanOrEqual(names.count, 16)
        var families: Set<String> = []
        for name in names {
            let reference = try FamilyReference(name, in: Self.folder)
            for checkpoint in reference.checkpoints {
                let model: LanguageModel
                do { model = try LanguageModel(contentsOf: checkpoint) } catch {
                    XCTFail("\(checkpoint.lastPathComponent): \(error)")
                    continue
                }
                families.insert(model.configuration.architecture)
                for row in try FamilyComparison(model: model, reference: reference, workers: workers).rows() {
                    XCTAssertLessThan(
                        row.difference, 1e-5, "\(checkpoint.lastPathComponent), \(row.what): \(row.at)")
                }
            }
        }
        XCTAssertGreaterThanOrEqual(families.count, 14, "\(families.sorted())")
    }

    /// A configuration in the spelling of older versions of transformers describes the same model.
    func testOlderSpellingsAreTheSameModel() throws {
        let temporary = try makeTemporaryFolder()
        for name in try FamilyReference.names(in: Self.folder) {
            let folder = Self.folder.appending(path: name)
            let older = Self.folder.appending(path: "\(name).old-config.json")
            guard FileManager.default.fileExists(atPath: older.path) else { continue }
            let copy = temporary.appending(path: name)
            try FileManager.default.copyItem(at: folder, to: copy)
            try FileManager.default.removeItem(at: copy.appending(path: "config.json"))
            try FileManager.default.copyItem(at: older, to: copy.appending(path: "config.json"))
            XCTAssertEqual(
                try LanguageModel(contentsOf: copy).configuration, try LanguageModel(contentsOf: folder).configuration,
                name)
        }
    }

    /// The comparison sees a difference: another model's reference values.
    func testOtherValuesDiffer() throws {
        let reference = try FamilyReference("qwen3", in: Self.folder)
        let copy = try makeTemporaryFolder().appending(path: "changed")
        try FileManager.default.copyItem(at: Self.folder.appending(path: "qwen3"), to: copy)
        let url = copy.appending(path: "config.json")
        let text = try String(contentsOf: url, encoding: .utf8)
        let changed = text.replacing(/"rope_theta": [0-9.e+]+/, with: "\"rope_theta\": 12345.0")
        XCTAssertNotEqual(text, changed)
        try changed.write(to: url, atomically: true, encoding: .utf8)
        let model = try LanguageModel(contentsOf: copy)
        let rows = try FamilyComparison(model: model, reference: reference, workers: WorkerPool(count: 2)).rows()
        for row in rows where row.what != "greedy ids" {
            XCTAssertGreaterThan(row.difference, 1e-4, "\(row.what) sees nothing of another rotary base")
        }
    }
}
