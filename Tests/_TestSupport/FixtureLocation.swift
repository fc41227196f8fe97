import Foundation

/// Where the test inputs lie, told from this file's own place in the checkout.
public enum FixtureLocation {
    /// The package's top folder.
    public static let package = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    /// `Fixtures`.
    public static let fixtures = package.appending(path: "Fixtures")
    /// The real inputs that lie beside some checkouts; tests that want them skip themselves where they are missing.
    public static let sharedData = package.deletingLastPathComponent().appending(path: "shared/data")
    /// The model that `Fixtures/fetch-smollm2.sh` brings.
    public static let smolLM2 = fixtures.appending(path: "fetched/SmolLM2-135M-Instruct.Q4_1.gguf")
}
