import Foundation

extension FixtureLocation {
    /// The folders of the tiny models of all families in `Fixtures/families` that can be run: those with experts in some of their layers alone
    /// are refused.
    public static func families() throws -> [URL] {
        let folder = fixtures.appending(path: "families")
        let end = ".reference.safetensors"
        return try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)).sorted()
            .filter { $0.hasSuffix(end) }.map { String($0.dropLast(end.count)) }.filter { !$0.hasSuffix("-mixed") }
            .map { folder.appending(path: $0) }
    }
}
