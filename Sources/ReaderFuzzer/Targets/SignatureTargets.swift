import DataFiles
import Foundation
import Signing
import SigningCertificates
import Synchronization
import TensorCore

extension FuzzTarget {
    /// Signatures, keys and certificates.
    static let signatureTargets = [
        FuzzTarget("signature", file: "m.sig") { url in
            attempt { blackHole(try VerifyingKey(contentsOf: url)) }
            attempt { blackHole(try SigningKey(contentsOf: url)) }
            verify(url, trusting: AnySigner())
        },
        FuzzTarget("certificates", file: "m.sig") { url in
            attempt { blackHole(try CertificateChain(contentsOf: [url])) }
            let folder = url.deletingLastPathComponent()
            attempt {
                // A time at which the certificates in the corpus are valid.
                let time = Date(timeIntervalSince1970: 1_750_000_000)
                verify(url, trusting: try CertificateVerifier(roots: [folder.appending(path: "root.pem")], at: time))
            }
            verify(url, trust: folder.appending(path: "trusted_root.json"))
        },
        FuzzTarget("trusted-root", file: "trusted_root.json") { url in
            verify(url.deletingLastPathComponent().appending(path: "m.sig"), trust: url)
        },
    ]

    private static func verify(_ signature: URL, trust: URL) {
        attempt {
            verify(
                signature,
                trusting: KeylessVerifier(
                    try SigstoreTrust(contentsOf: trust), identity: "signer@example.org",
                    issuer: "https://issuer.example.org"))
        }
    }

    /// Checks a signature of the folder that it is in.
    ///
    /// Reports and failures are valid answers.
    private static func verify(_ signature: URL, trusting verifier: some SignatureVerifier) {
        attempt {
            let bundle = try SignatureBundle(contentsOf: signature)
            switch wait({ try await ModelVerification(bundle, trusting: verifier) }) {
            case .success(let found):
                let scope = try SigningScope(signature.deletingLastPathComponent())
                blackHole(try found.compare(scope, workers: WorkerPool(count: 1)))
            case .failure(is SignatureFailure): break
            case .failure(let error): throw error
            }
        }
    }

    /// Waits for the result of an asynchronous function, for targets, which are called on their own thread.
    private static func wait<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) -> Result<Value, any Error> {
        let result = Mutex<Result<Value, any Error>?>(nil)
        let isDone = DispatchSemaphore(value: 0)
        Task.detached {
            do {
                let value = try await body()
                result.withLock { $0 = .success(value) }
            } catch {
                result.withLock { $0 = .failure(error) }
            }
            isDone.signal()
        }
        isDone.wait()
        return result.withLock { $0 } ?? .failure(CancellationError())
    }
}

/// Trusts any signer, so that the signed content is read whatever the signature.
private struct AnySigner: SignatureVerifier {
    func verify(_ bundle: SignatureBundle) {}
}
