import Crypto
import DataFiles
import Foundation
import TensorCore

/// A signature that holds, to compare files with.
public struct ModelVerification: Sendable {
    private let statement: SignedStatement
    private let place: String

    /// Checks a signature and reads what it says.
    ///
    /// - Throws: ``SignatureFailure`` where it doesn't hold; `InputError` where it is no signature of the format, or uses
    ///   what this version doesn't know.
    public init(_ bundle: SignatureBundle, trusting verifier: some SignatureVerifier) async throws {
        try await verifier.verify(bundle)
        guard bundle.envelope.payloadType == SignedStatement.payloadType else {
            throw SignatureFailure("what was signed is no statement, but of the type \(bundle.envelope.payloadType)")
        }
        statement = try SignedStatement(bundle.envelope.payload, place: bundle.place)
        place = bundle.place
    }

    /// Paths that the signer left out, relative to what was signed.
    public var ignored: [String] { statement.serialization.ignored }

    /// Compares what is there with what was signed; O(bytes) on the workers.
    ///
    /// - Parameters:
    ///   - scope: what is compared. What the signer passed over is passed over too.
    ///   - manifest: the manifest of tensors that was signed with the files.
    /// - Throws: `InputError` where a file can't be read.
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
            // What it says can't be relied on.
            report.differences.append(.init(name: file.path, problem: .changed))
            return
        }
        report.tensors = try TensorChanges(TensorManifest(file), files, workers: workers)
    }

    /// Which files differ, in the format's order.
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
