import Checkpoints
import Crypto
import DataFiles
import Foundation
import XCTest
import _TestSupport

@testable import Signing

final class TensorManifestTests: SigningTestCase {
    private static let planted = FixtureLocation.fixtures.appending(path: "tiny-llamas/sharded-bf16")

    private func signed(_ url: URL) throws -> (SignatureBundle, URL) {
        let manifest = folder.appending(path: "tensors.json")
        let data = try TensorManifest(SigningScope(url), workers: workers).data
        try data.write(to: manifest)
        let signer = try ModelSigner(SigningKey(contentsOf: Self.fixture("p256.sec1.pem")))
        let signature = try signer.sign(SigningScope(url), tensorManifest: data, workers: workers)
        return (try SignatureBundle(signature, place: "s"), manifest)
    }

    private func report(_ url: URL, _ bundle: SignatureBundle, _ manifest: URL) async throws -> VerificationReport {
        let verification = try await ModelVerification(bundle, trusting: Self.key())
        return try verification.compare(SigningScope(url), manifest: manifest, workers: workers)
    }

    func testTellsWhichTensorsChanged() async throws {
        let url = folder.appending(path: "m", directoryHint: .isDirectory)
        try FileManager.default.copyItem(at: Self.planted, to: url)
        let (bundle, manifest) = try signed(url)
        let same = try await report(url, bundle, manifest)
        XCTAssertTrue(same.holds)
        XCTAssertEqual(same.tensors.map { [$0.tensors, $0.otherBytes, $0.unread] }, [[], [], []])

        guard case .huggingFace(let model) = try Checkpoint(contentsOf: url) else { return XCTFail("no folder") }
        let names = [model.tensorNames[2], model.tensorNames[5]]
        for name in names {
            let tensor = try XCTUnwrap(try model.tensor(name))
            var bytes = try Data(contentsOf: tensor.file.url)
            bytes[tensor.range.upperBound - 1] ^= 1
            try bytes.write(to: tensor.file.url)
        }
        let changed = try await report(url, bundle, manifest)
        XCTAssertFalse(changed.holds)
        XCTAssertEqual(changed.tensors.map { Set($0.tensors) }, Set(names))
        XCTAssertEqual(changed.tensors?.otherBytes, [])
    }

    func testTellsOfTheHeaderAndOfFilesThatCantBeRead() async throws {
        let url = folder.appending(path: "m.gguf")
        try FileManager.default.copyItem(
            at: FixtureLocation.fixtures.appending(path: "gguf-writer/reference.gguf"), to: url)
        let (bundle, manifest) = try signed(url)
        let original = try Data(contentsOf: url)
        let tensors = try StoredTensor.tensors(in: MappedFile(contentsOf: url))
        let start = try XCTUnwrap(tensors.map(\.range.lowerBound).min())
        // The text of the first key's value or a byte of padding: any before the tensors that leaves the file readable.
        var found = false
        for place in (24..<start).reversed() where !found {
            var bytes = original
            bytes[place] ^= 1
            try bytes.write(to: url)
            guard let now = try? StoredTensor.tensors(in: MappedFile(contentsOf: url)),
                now.map(\.name) == tensors.map(\.name), now.map(\.range) == tensors.map(\.range)
            else { continue }
            found = true
            let report = try await report(url, bundle, manifest)
            XCTAssertEqual(report.tensors?.otherBytes, ["."], "byte \(place)")
            XCTAssertEqual(report.tensors?.tensors, [], "byte \(place)")
        }
        XCTAssertTrue(found)
        try original.prefix(start).write(to: url)
        let cut = try await report(url, bundle, manifest)
        XCTAssertEqual(cut.tensors?.unread, ["."])
    }

    func testAChangedManifestIsNotBelieved() async throws {
        let url = folder.appending(path: "m", directoryHint: .isDirectory)
        try FileManager.default.copyItem(at: Self.planted, to: url)
        let (bundle, manifest) = try signed(url)
        var bytes = try Data(contentsOf: manifest)
        bytes.append(0x0A)
        try bytes.write(to: manifest)
        let report = try await report(url, bundle, manifest)
        XCTAssertFalse(report.holds)
        XCTAssertNil(report.tensors)
    }

    /// The digests against plain SHA-256 of the bytes where they lie.
    func testDigests() throws {
        let url = FixtureLocation.fixtures.appending(path: "gguf-writer/split-00002-of-00003.gguf")
        let manifest = try TensorManifest(SigningScope(url), workers: workers)
        let bytes = try Data(contentsOf: url)
        let tensors = try StoredTensor.tensors(in: MappedFile(contentsOf: url))
        XCTAssertEqual(manifest.files.count, 1)
        XCTAssertEqual(
            manifest.files[0].tensors.map(\.sha256),
            tensors.map { tensor in
                SHA256.hash(data: bytes[tensor.range]).map { String(format: "%02x", $0) }.joined()
            })
        let other = bytes.enumerated().filter { place, _ in !tensors.contains { $0.range.contains(place) } }.map(
            \.element)
        XCTAssertEqual(
            manifest.files[0].other, SHA256.hash(data: Data(other)).map { String(format: "%02x", $0) }.joined())
    }
}
