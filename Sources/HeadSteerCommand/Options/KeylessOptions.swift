import ArgumentParser
import DataFiles
import Foundation
import SigningCertificates

/// Whom Sigstore has to name as the signer.
struct KeylessOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What is trusted of Sigstore: its trusted_root.json (roots, logs and their keys).", valueName: "f.json"))
    var trustedRoot: String?
    @Option(help: ArgumentHelp("The signer, with --trusted-root: an address or a URI.", valueName: "who"))
    var identity: String?
    @Option(help: ArgumentHelp("Who vouched for the signer, with --trusted-root: the issuer's URL.", valueName: "url"))
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
