/// A set of kinds of sites in one machine word, because it is checked at every site of every pass.
package struct SiteKinds: Sendable, Equatable {
    private var bits: UInt32

    package init(_ kinds: SiteKind...) { bits = kinds.reduce(0) { $0 | Self.bit($1) } }

    @inline(__always)
    package func contains(_ kind: SiteKind) -> Bool { bits & Self.bit(kind) != 0 }

    package mutating func insert(_ kind: SiteKind) { bits |= Self.bit(kind) }

    package mutating func formUnion(_ other: SiteKinds) { bits |= other.bits }

    private static func bit(_ kind: SiteKind) -> UInt32 { 1 << UInt32(kind.rawValue) }
}
