/// The path of a file relative to the signed item, as components; the item itself (`.`) has none.
///
/// Paths are ordered by components, and components by code points, as in the format: `a/b` before `a.txt`.
struct SignedPath: Hashable, Comparable {
    let components: [String]

    init(_ components: [String]) { self.components = components }

    /// - Returns: nil if the text is not a relative path in normal form.
    init?(_ text: String) {
        if text == "." {
            components = []
            return
        }
        components = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard components.allSatisfy({ !["", ".", ".."].contains($0) && !$0.contains("\0") }) else { return nil }
    }

    var text: String { components.isEmpty ? "." : components.joined(separator: "/") }

    /// Whether this path is the other one or lies below it.
    func isWithin(_ other: SignedPath) -> Bool { components.starts(with: other.components, by: Self.areSame) }

    func appending(_ name: String) -> SignedPath { SignedPath(components + [name]) }

    // Swift's strings are equal if they are canonically equivalent, but file names only if their bytes are.
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
