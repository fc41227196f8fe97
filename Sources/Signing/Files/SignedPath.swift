/// The path of a file relative to what is signed: its components, none for what is signed itself (`.`).
///
/// Paths are ordered by components, each by its code points, as in the format: `a/b` before `a.txt`.
struct SignedPath: Hashable, Comparable {
    let components: [String]

    init(_ components: [String]) { self.components = components }

    /// - Returns: nil where the text is no relative path in its plain spelling.
    init?(_ text: String) {
        if text == "." {
            components = []
            return
        }
        components = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard components.allSatisfy({ !["", ".", ".."].contains($0) && !$0.contains("\0") }) else { return nil }
    }

    var text: String { components.isEmpty ? "." : components.joined(separator: "/") }

    /// Whether this is that path or lies under it.
    func isWithin(_ other: SignedPath) -> Bool { components.starts(with: other.components, by: Self.areSame) }

    func appending(_ name: String) -> SignedPath { SignedPath(components + [name]) }

    // Strings of Swift are equal where they are canonically equivalent; names of files are so where their bytes are.
    private static func areSame(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

    static func == (a: SignedPath, b: SignedPath) -> Bool { a.components.elementsEqual(b.components, by: areSame) }

    func hash(into hasher: inout Hasher) {
        for component in components { for byte in component.utf8 { hasher.combine(byte) } }
    }

    static func < (a: SignedPath, b: SignedPath) -> Bool {
        a.components.lexicographicallyPrecedes(b.components) {
            $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
        }
    }
}
