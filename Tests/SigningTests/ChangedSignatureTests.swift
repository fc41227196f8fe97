import DataFiles
import Foundation
import XCTest

@testable import Signing

/// What was done to a signature after it was made.
final class ChangedSignatureTests: SigningTestCase {
    private func changed(_ envelope: (SigningEnvelope) -> SigningEnvelope) throws -> SignatureBundle {
        let bundle = try Self.bundle("folder.p256.sig")
        return SignatureBundle(bundle.material, envelope(bundle.envelope))
    }

    func testThePayload() async throws {
        let bundle = try changed { envelope in
            let text = String(decoding: envelope.payload, as: UTF8.self).replacing("a.txt", with: "b.txt")
            return SigningEnvelope(
                payloadType: envelope.payloadType, payload: Data(text.utf8), signature: envelope.signature)
        }
        await assertFails(saying: "changed") { _ = try await ModelVerification(bundle, trusting: Self.key()) }
    }

    func testThePayloadsType() async throws {
        let bundle = try changed { envelope in
            SigningEnvelope(payloadType: "application/json", payload: envelope.payload, signature: envelope.signature)
        }
        await assertFails(saying: "changed") { _ = try await ModelVerification(bundle, trusting: Self.key()) }
        // Signed as another type by the same key.
        let key = try SigningKey(contentsOf: Self.fixture("p256.pkcs8.pem"))
        let payload = try Self.bundle("folder.p256.sig").envelope.payload
        let type = "application/json"
        let signature = try key.sign(SigningEnvelope.signedBytes(payloadType: type, payload: payload))
        let signed = SignatureBundle(
            .key(hint: nil), SigningEnvelope(payloadType: type, payload: payload, signature: signature))
        await assertFails(saying: "application/json") { _ = try await ModelVerification(signed, trusting: Self.key()) }
    }

    /// What the holder of the key signed and what doesn't fit together is refused as bad data.
    func testStatementsThatDontFit() async throws {
        let key = try SigningKey(contentsOf: Self.fixture("p256.pkcs8.pem"))
        let text = String(decoding: try Self.bundle("folder.p256.sig").envelope.payload, as: UTF8.self)
        let digest = try XCTUnwrap(text.firstRange(of: /"sha256": "[0-9a-f]{64}"/)).lowerBound
        let changes: [(String, String)] = [
            (text.replacing("https://model_signing/signature/v1.0", with: "https://model_signing/Digests/v0.1"), "0.2"),
            (text.replacing("https://in-toto.io/Statement/v1", with: "https://in-toto.io/Statement/v2"), "v2"),
            (text.replacing("\"files\"", with: "\"tensors\""), "tensors"),
            (text.replacing("\"a.txt\"", with: "\"../a.txt\""), "relative path"),
            (text.replacing("\"a.txt\"", with: "\"/a.txt\""), "relative path"),
            (text.replacing("\"a.txt\"", with: "\"a/b\""), "not unique"),
            (
                String(text[..<digest])
                    + text[digest...].replacing(/"sha256": "./, with: "\"sha256\": \"x", maxReplacements: 1), "SHA-256"
            ),
            (text.replacing("\"serialization\"", with: "\"serialisation\""), "serialization"),
        ]
        for (changed, words) in changes {
            XCTAssertNotEqual(changed, text, words)
            let payload = Data(changed.utf8)
            let type = SignedStatement.payloadType
            let signature = try key.sign(SigningEnvelope.signedBytes(payloadType: type, payload: payload))
            let bundle = SignatureBundle(
                .key(hint: nil), SigningEnvelope(payloadType: type, payload: payload, signature: signature))
            do {
                _ = try await ModelVerification(bundle, trusting: Self.key())
                XCTFail("\(words): accepted")
            } catch let error as InputError {
                XCTAssertEqual(error.kind.general, .badData, "\(error)")
                XCTAssertTrue("\(error)".contains(words), "\(error)")
            }
        }
        // The root digest of the statement.
        var other = text
        let place = other.index(digest, offsetBy: 11)
        other.replaceSubrange(place...place, with: other[place] == "0" ? "1" : "0")
        let payload = Data(other.utf8)
        XCTAssertThrowsError(try SignedStatement(payload, place: "s")) {
            XCTAssertTrue("\($0)".contains("digest"), "\($0)")
        }
    }

    /// Seeded random changes of the file's bytes: none verifies that changes what is said, none traps.
    func testRandomMutations() async throws {
        let original = Array(try Data(contentsOf: Self.fixture("folder.p256.sig")))
        let statement = try Self.bundle("folder.p256.sig").envelope
        let key = try Self.key()
        var random = SeededGenerator(seed: 5)
        for trial in 0..<400 {
            var bytes = original
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch trial % 4 {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[place] = .random(in: 0x20...0x7E, using: &random)
            case 2: bytes.remove(at: place)
            default: bytes = Array(bytes.prefix(place))
            }
            do {
                let bundle = try SignatureBundle(Data(bytes), place: "s")
                _ = try await ModelVerification(bundle, trusting: key)
                // Spelling alone: the same payload under the same type with the same signature.
                XCTAssertEqual(bundle.envelope, statement, "trial \(trial) at \(place)")
            } catch let error where error is InputError || error is SignatureFailure {
                continue
            }
        }
    }

    func testBundlesOfOtherKinds() throws {
        let text = try String(contentsOf: Self.fixture("folder.p256.sig"), encoding: .utf8)
        let changes = [
            (text.replacing("v0.3+json", with: "v0.2+json"), "media type"),
            (text.replacing("dsseEnvelope", with: "messageSignature"), "messageSignature"),
            (text.replacing("\"publicKey\"", with: "\"privateKey\""), "privateKey"),
            (text.replacing("\"keyid\":\"\"}", with: "\"keyid\":\"\"},{\"sig\":\"\"}"), "signatures"),
            ("[]", "JSON object"), ("", "JSON"),
        ]
        for (changed, words) in changes {
            XCTAssertThrowsError(try SignatureBundle(Data(changed.utf8), place: "s"), words) { error in
                XCTAssertEqual((error as? InputError)?.kind.general, .badData, "\(error)")
                XCTAssertTrue("\(error)".contains(words), "\(error)")
            }
        }
    }
}
