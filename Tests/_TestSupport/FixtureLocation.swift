import Foundation

/// Where the test inputs lie, told from this file's own place in the checkout.
public enum FixtureLocation {
    /// The package's top folder.
    public static let package = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    /// `Fixtures`.
    public static let fixtures = package.appending(path: "Fixtures")
}
