import DataFiles
import Foundation
import Sealing
import TensorCore
import XCTest
import _TestSupport

@testable import Checkpoints

final class SealedCheckpointTests: XCTestCase {
    private let folder = FileManager.default.temporaryDirectory.appending(
        path: "sealed-\(UUID().uuidString)", directoryHint: .isDirectory)

    override func setUpWithError() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    override func tearDownWithError() throws { try FileManager.default.removeItem(at: folder) }

    private func key() throws -> SealingKey {
        try SealingKey(contentsOf: FixtureLocation.fixtures.appending(path: "sealing/key.hex"))
    }

    /// Every way in which a model lies on disk, sealed and opened: the same tensors, bytes and fingerprint.
    func testOpensLikeTheOriginal() throws {
        let models = [
            "gguf-writer/reference.gguf", "gguf-writer/split-00001-of-00003.gguf", "tiny-llamas/grouped",
            "tiny-llamas/sharded-bf16",
        ]
        for name in models {
            let original = try Checkpoint(contentsOf: FixtureLocation.fixtures.appending(path: name))
            let url = folder.appending(path: "sealed")
            try original.sealing().write(to: url, key: key())
            let sealed = try Checkpoint(contentsOf: url, key: key())
            XCTAssertNotNil(sealed.sealedModel, name)
            XCTAssertNil(original.sealedModel, name)
            let pairs = Array(zip(try original.tensors(), try sealed.tensors()))
            XCTAssertEqual(pairs.count, try original.tensors().count, name)
            for (a, b) in pairs {
                XCTAssertEqual(a.name, b.name)
                XCTAssertEqual(a.shape, b.shape, a.name)
                XCTAssertEqual(Data(a.bytes), Data(b.bytes), "\(name): \(a.name)")
            }
            let workers = WorkerPool(count: 2)
            XCTAssertEqual(
                try original.fingerprint(configuration: "c", workers: workers),
                try sealed.fingerprint(configuration: "c", workers: workers), name)
        }
    }

    func testMessagesNameTheSealedFile() throws {
        let url = folder.appending(path: "sealed")
        try Checkpoint(contentsOf: FixtureLocation.fixtures.appending(path: "gguf-writer/reference.gguf")).sealing()
            .write(to: url, key: key())
        XCTAssertEqual(
            try Checkpoint(contentsOf: url, key: key()).path, url.path(percentEncoded: false) + "/reference.gguf")
        XCTAssertThrowsError(try Checkpoint(contentsOf: url)) { error in
            XCTAssertEqual((error as? InputError)?.kind, .usage, "\(error)")
            XCTAssertTrue("\(error)".contains("--key-file"), "\(error)")
        }
        XCTAssertThrowsError(try Checkpoint(contentsOf: url, key: key()).sealing()) { error in
            XCTAssertTrue("\(error)".contains("sealed already"), "\(error)")
        }
    }
}
