import ArgumentParser
import DataFiles
import Foundation
import Signing
import SigningCertificates
import Tokenization

/// `headsteer verify`: whether a model is what somebody signed.
struct VerifyCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that a model, or any other file or folder, is what was signed.",
        discussion: """
            The exit status is 1 if it is not; the output then names the files that differ and, with --manifest, the \
            tensors that changed. Signatures are those of the OpenSSF Model Signing format v1.0: by a key, by a \
            certificate that leads to one of the given roots, or by Sigstore with an identity, given its \
            trusted_root.json. Nothing is fetched.

            Example:
              headsteer verify model.gguf --signature model.sig --key my.pub
              headsteer verify model/ --signature model.sig --root ca.pem
              headsteer verify model/ --signature model.sig --trusted-root trusted_root.json \
            --identity me@example.org --identity-provider https://accounts.google.com
            """)

    @Argument(help: "The file or folder to check.")
    var path: String
    @Option(help: ArgumentHelp("The signature to check it against.", valueName: "s.sig"))
    var signature: String
    @Option(help: ArgumentHelp("The signer's public key (PEM).", valueName: "f.pub"))
    var key: String?
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Certificates (PEM) to trust; the signer's has to lead to one of them.", valueName: "f"))
    var root: [String] = []
    @Option(
        help: ArgumentHelp(
            "The day on which the certificates have to be valid, with --root (default: today).", valueName: "yyyy-mm-dd"
        ))
    var at: String?
    @OptionGroup var keyless: KeylessOptions
    @Option(
        help: ArgumentHelp("The digests of all tensors: the file that sign --manifest wrote.", valueName: "m.json"))
    var manifest: String?
    @OptionGroup var scope: SigningScopeOptions
    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        struct File: Encodable {
            var name: String
            var sha256: String
        }
        struct Difference: Encodable {
            var name: String
            var problem: VerificationReport.Difference.Problem
            var what: String?
        }
        var verified: Bool
        /// Why the signature itself doesn't hold.
        var reason: String?
        var files: [File] = []
        var differences: [Difference] = []
        var ignored: [String] = []
        var changedTensors: [String]?
        /// Files in which bytes outside of all tensors changed: header, metadata.
        var changedMetadata: [String]?
        /// Files whose tensors can't be read.
        var unreadTensors: [String]?
    }

    func run(_ environment: CommandEnvironment) throws {
        let bundle = try SignatureBundle(contentsOf: URL(filePath: signature))
        let verification: ModelVerification
        do {
            verification = try Blocking.wait { try await trusted(bundle) }
        } catch let failure as SignatureFailure {
            try show(Output(verified: false, reason: failure.description), environment)
            throw FailedCheck()
        }
        let covered = try SigningScope(
            URL(filePath: path), ignoring: scope.ignore,
            outputs: [URL(filePath: signature)] + (manifest.map { [URL(filePath: $0)] } ?? []),
            followsLinks: scope.followLinks)
        let report = try verification.compare(
            covered, manifest: manifest.map { URL(filePath: $0) }, workers: common.makeWorkers())
        var output = Output(verified: report.holds)
        output.files = report.files.map { .init(name: name($0.name), sha256: $0.sha256) }
        output.differences = report.differences.map { .init(name: name($0.name), problem: $0.problem, what: $0.what) }
        output.ignored = verification.ignored
        output.changedTensors = report.tensors?.tensors
        output.changedMetadata = report.tensors?.otherBytes.map(name)
        output.unreadTensors = report.tensors?.unread.map(name)
        try show(output, environment)
        if !report.holds { throw FailedCheck() }
    }

    /// The time at which the certificates have to be valid.
    private func time() throws -> Date {
        guard let at else { return Date() }
        guard CalendarDate(at) != nil, let date = try? Date("\(at)T12:00:00Z", strategy: .iso8601) else {
            throw InputError.usage("--at is \(at)", remedy: "give a day as YYYY-MM-DD")
        }
        return date
    }

    /// The name of a file to show; a file that was signed by itself has its own.
    private func name(_ text: String) -> String { text == "." ? URL(filePath: path).lastPathComponent : text }

    /// - Throws: `InputError` unless exactly one way to trust the signer was chosen; ``SignatureFailure``.
    private func trusted(_ bundle: SignatureBundle) async throws -> ModelVerification {
        guard [key != nil, !root.isEmpty, keyless.trustedRoot != nil].filter({ $0 }).count == 1 else {
            throw InputError.usage(
                "not exactly one way to trust the signer", remedy: "give one of --key, --root and --trusted-root")
        }
        if let key {
            return try await ModelVerification(bundle, trusting: VerifyingKey(contentsOf: URL(filePath: key)))
        }
        if let verifier = try keyless.verifier() { return try await ModelVerification(bundle, trusting: verifier) }
        return try await ModelVerification(
            bundle, trusting: CertificateVerifier(roots: root.map { URL(filePath: $0) }, at: time()))
    }

    private func show(_ output: Output, _ environment: CommandEnvironment) throws {
        if common.json { return try environment.console.json(output) }
        var lines: [String] = []
        if let reason = output.reason { lines.append("NOT verified: \(reason).") }
        for difference in output.differences {
            let what = difference.what.map { ", \($0)" } ?? ""
            lines.append("\(difference.problem.rawValue): \(difference.name)\(what)")
        }
        if let tensors = output.changedTensors, !output.verified {
            lines += tensors.map { "changed tensor: \($0)" }
            lines += (output.changedMetadata ?? []).map { "changed outside of its tensors: \($0)" }
            lines += (output.unreadTensors ?? []).map { "tensors that can't be read: \($0)" }
        }
        if output.verified {
            let count = output.files.count
            lines.append(
                count == 1
                    ? "Verified: the file is as it was signed." : "Verified: \(count) files are as they were signed.")
        } else if output.reason == nil {
            lines.append("NOT verified: the signature holds, but the files differ from what was signed.")
        }
        if !output.ignored.isEmpty, output.reason == nil {
            lines.append("Left out, as the signature says: \(output.ignored.joined(separator: ", ")).")
        }
        environment.console.output(lines.joined(separator: "\n"))
    }
}
