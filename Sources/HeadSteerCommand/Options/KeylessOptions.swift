import ArgumentParser
import DataFiles
import Foundation
import SigningCertificates

/// Options for the signer that Sigstore has to name.
struct KeylessOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Sigstore's trusted_root.json, with the roots, the logs and their keys to trust.", valueName: "f.json"))
    var trustedRoot: String?
    @Option(help: ArgumentHelp("The signer, with --trusted-root: an address or a URI.", valueName: "who"))
    var identity: String?
    @Option(
        help: ArgumentHelp(
            "The issuer that vouched for the signer, with --trusted-root: its URL.", valueName: "url"))
    var identityProvider: String?

    func validate() throws {
        guard (trustedRoot == nil) == (identity == nil), (identity == nil) == (identityProvider == nil) else {
            throw ValidationError("--trusted-root, --identity and --identity-provider go together; give all or none")
        }
    }

    func verifier() throws -> KeylessVerifier? {
        guard let trustedRoot, let identity, let identityProvider else { return nil }
        return KeylessVerifier(
            try SigstoreTrust(contentsOf: URL(filePath: trustedRoot)), identity: identity, issuer: identityProvider)
    }
}
