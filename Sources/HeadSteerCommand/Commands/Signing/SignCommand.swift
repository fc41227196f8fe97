import ArgumentParser
import DataFiles
import Foundation
import Signing
import SigningCertificates

/// `headsteer sign`: a signature that shows who signed a model, and whether it has changed since.
struct SignCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Sign a model, a plan, a probe, or any other file or folder.",
        discussion: """
            The signature has the OpenSSF Model Signing format v1.0 (a Sigstore bundle), which model-signing also \
            reads and writes. The key is an ECDSA key on the curve P-256, P-384 or P-521, in PEM.

            Example:
              openssl ecparam -name prime256v1 -genkey -noout -out my.pem && openssl pkey -in my.pem -pubout -out my.pub
              headsteer sign model.gguf --key my.pem --out model.sig --manifest model.tensors.json
              headsteer verify model.gguf --signature model.sig --key my.pub --manifest model.tensors.json
            """)

    @Argument(help: "The file to sign, or the folder with all that is in it.")
    var path: String
    @Option(help: ArgumentHelp("The private key to sign with (PEM).", valueName: "f"))
    var key: String
    @Option(help: ArgumentHelp("The signature to write.", valueName: "s.sig"))
    var out: String
    @Option(
        help: ArgumentHelp(
            "Also write the digests of all tensors to this file, so that verify can name those that changed.",
            valueName: "m.json"))
    var manifest: String?
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Certificates (PEM) to put into the signature: the key's own first, then those that lead to a root.",
            valueName: "f"))
    var certificate: [String] = []
    @OptionGroup var scope: SigningScopeOptions
    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var out: String
        var manifest: String?
        var ignored: [String]
    }

    func run(_ environment: CommandEnvironment) throws {
        // An output may lie in the folder that is signed.
        let inputs = [key] + certificate + (URL(filePath: path).isFolder ? [] : [path])
        let outputURL = try output(out, option: "--out", inputs)
        let manifestURL = try manifest.map { try output($0, option: "--manifest", inputs) }
        if let manifestURL, manifestURL.standardizedFileURL == outputURL.standardizedFileURL {
            throw InputError.usage("--manifest and --out are one file", remedy: "give two paths")
        }
        let signingKey = try SigningKey(contentsOf: URL(filePath: key))
        let chain = try CertificateChain(contentsOf: certificate.map { URL(filePath: $0) })
        let signer = try ModelSigner(
            signingKey, certificates: chain?.certificates ?? [], certified: chain?.signerKey)
        let covered = try SigningScope(
            URL(filePath: path), ignoring: scope.ignore, outputs: [outputURL] + (manifestURL.map { [$0] } ?? []),
            followsLinks: scope.followLinks)
        let workers = common.makeWorkers()
        let tensors = try manifestURL.map { _ in try TensorManifest(covered, workers: workers).data }
        let signature = try signer.sign(covered, tensorManifest: tensors, workers: workers)
        if let manifestURL, let tensors { try AtomicOutput.write(tensors, to: manifestURL) }
        try AtomicOutput.write(signature, to: outputURL)
        let result = Output(out: out, manifest: manifest, ignored: covered.ignored)
        if common.json { return try environment.console.json(result) }
        environment.console.output(
            "Signed \(path): \(out)" + (manifest.map { ", with the digests of all tensors in \($0)" } ?? "") + ".")
    }

    /// The place of an output, checked to replace none of the files that are read.
    private func output(_ text: String, option: String, _ inputs: [String]) throws -> URL {
        let url = try OutputFile.check(text, option: option)
        try OutputFile.requireApart(url, from: inputs.map { URL(filePath: $0) }, option: option)
        return url
    }
}
