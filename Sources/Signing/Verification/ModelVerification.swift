import Crypto
import DataFiles
import Foundation
import TensorCore

/// A valid signature, for comparison with files.
public struct ModelVerification: Sendable {
    private let statement: SignedStatement
    private let place: String

    /// Verifies a signature and reads its statement.
    ///
    /// - Throws: ``SignatureFailure`` if it isn't valid; `InputError` if it is not a signature of the format, or uses a
    ///   feature that this version doesn't support.
    public init(_ bundle: SignatureBundle, trusting verifier: some SignatureVerifier) async throws {
        try await verifier.verify(bundle)
        guard bundle.envelope.payloadType == SignedStatement.payloadType else {
            throw SignatureFailure(
                "the signed content is not a statement, but of the type \(bundle.envelope.payloadType)")
        }
        statement = try SignedStatement(bundle.envelope.payload, place: bundle.place)
        place = bundle.place
    }

    /// Paths that the signer left out, relative to the signed item.
    public var ignored: [String] { statement.serialization.ignored }

    /// Compares the present files with the signed ones; O(bytes) on the workers.
    ///
    /// - Parameters:
    ///   - scope: the files to compare. Paths that the signer skipped are skipped too.
    ///   - manifest: the tensor manifest that was signed together with the files.
    /// - Throws: `InputError` if a file can't be read.
    public func compare(
        _ scope: SigningScope, manifest: URL? = nil, workers: WorkerPool
    ) throws -> VerificationReport {
        let form = statement.serialization
        let ignored = form.ignoredPaths + scope.ignored.compactMap { SignedPath($0) }
        let covered = try SignedFiles(
            at: scope.url, ignoring: ignored, followsLinks: form.followsLinks || scope.followsLinks)
        var report = VerificationReport()
        report.differences = covered.refused.map { .init(name: $0.path.text, problem: .refused, what: $0.what) }
        report.files = try covered.files.concurrentMap(workers) { file in
            let mapped = try MappedFile(contentsOf: file.url)
            let digest = withExtendedLifetime(mapped) { SHA256.hash(data: mapped.bytes) }
            return .init(name: file.path.text, sha256: Hexadecimal.text(digest))
        }
        let found =
            form.partSize == nil
            ? zip(covered.files, report.files).map { file, digest in
                SignedResource(
                    path: file.path, part: nil, algorithm: form.digestName,
                    digest: Hexadecimal.bytes(digest.sha256) ?? [])
            } : try SignedResource.all(covered.files, form, workers: workers)
        report.differences += Self.differences(signed: statement.resources, found: found)
        if let manifest { try compareTensors(manifest, covered.files, &report, workers) }
        report.differences.sort { $0.name < $1.name }
        return report
    }

    private func compareTensors(
        _ url: URL, _ files: [SignedFiles.File], _ report: inout VerificationReport, _ workers: WorkerPool
    ) throws {
        let file = try MappedFile(contentsOf: url)
        guard let digest = statement.tensorManifest else {
            throw InputError.usage(
                "\(place) signs no manifest of tensors", remedy: "leave out --manifest, or sign again with it")
        }
        guard Array(SHA256.hash(data: file.bytes)) == digest else {
            // The manifest can't be trusted.
            report.differences.append(.init(name: file.path, problem: .changed))
            return
        }
        report.tensors = try TensorChanges(TensorManifest(file), files, workers: workers)
    }

    /// The files that differ, in the format's order.
    private static func differences(
        signed: [SignedResource], found: [SignedResource]
    ) -> [VerificationReport.Difference] {
        let before = Dictionary(grouping: signed, by: \.path)
        let after = Dictionary(grouping: found, by: \.path)
        return Set(before.keys).union(after.keys).sorted().compactMap { path in
            switch (before[path], after[path]) {
            case (.some, .none): .init(name: path.text, problem: .missing)
            case (.none, .some): .init(name: path.text, problem: .added)
            case (.some(let a), .some(let b)):
                Self.areSame(a, b) ? nil : .init(name: path.text, problem: .changed)
            case (.none, .none): nil
            }
        }
    }

    private static func areSame(_ a: [SignedResource], _ b: [SignedResource]) -> Bool {
        func ordered(_ list: [SignedResource]) -> [SignedResource] {
            list.sorted { ($0.part?.lowerBound ?? 0) < ($1.part?.lowerBound ?? 0) }
        }
        return ordered(a) == ordered(b)
    }
}
