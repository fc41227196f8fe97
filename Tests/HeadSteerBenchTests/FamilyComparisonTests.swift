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
        var families: Set<String> = []
        var refused: Set<String> = []
        for name in names {
            let reference = try FamilyReference(name, in: Self.folder)
            for checkpoint in reference.checkpoints {
                let model: LanguageModel
                do {
                    guard let opened = try RefusedFamilies.open(checkpoint) else {
                        refused.insert(checkpoint.lastPathComponent)
                        continue
                    }
                    model = opened
                } catch {
                    XCTFail("\(checkpoint.lastPathComponent): \(error)")
                    continue
                }
                families.insert(try Self.family(model.checkpoint))
                for row in try FamilyComparison(model: model, reference: reference, workers: workers).rows() {
                    XCTAssertLessThan(
                        row.difference, 1e-5, "\(checkpoint.lastPathComponent), \(row.what): \(row.at)")
                }
            }
        }
        XCTAssertEqual(refused, Set(RefusedFamilies.fields.keys), "refused on purpose")
        XCTAssertEqual(
            Set(LanguageModel.supportedArchitectures).subtracting(families), [], "names without a small model")
    }

    /// What a checkpoint calls its family.
    private static func family(_ checkpoint: Checkpoint) throws -> String {
        switch checkpoint {
        case .gguf(let file): try XCTUnwrap(file.metadata.string("general.architecture"))
        case .huggingFace(let folder): try XCTUnwrap(folder.configuration.string("model_type"))
        }
    }

    /// A model that opens though it is on the list, and one that is refused for another reason, are errors.
    func testRefusalsAreThoseOfTheList() throws {
        for (name, field) in RefusedFamilies.fields {
            let original = Self.folder.appending(path: name)
            let other = try makeTemporaryFolder().appending(path: name)
            try FileManager.default.copyItem(at: Self.folder.appending(path: "qwen3"), to: other)
            XCTAssertThrowsError(try RefusedFamilies.open(other)) {
                XCTAssertTrue("\($0)".contains("a model that opens, though \(field)"), "\($0)")
            }
            let changed = try makeTemporaryFolder().appending(path: name)
            try FileManager.default.copyItem(at: original, to: changed)
            let url = changed.appending(path: "config.json")
            let text = try String(contentsOf: url, encoding: .utf8)
            try text.replacing("\"\(field)\"", with: "\"another_field\"").write(
                to: url, atomically: true, encoding: .utf8)
            XCTAssertThrowsError(try RefusedFamilies.open(changed)) {
                XCTAssertFalse("\($0)".contains(": \(field)"), "\($0)")
            }
        }
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
            guard let model = try RefusedFamilies.open(copy) else { continue }
            XCTAssertEqual(model.configuration, try LanguageModel(contentsOf: folder).configuration, name)
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
