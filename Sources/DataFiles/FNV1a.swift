/// Fowler, Noll and Vo's 64-bit hash (FNV-1a), which is the same on every machine.
package struct FNV1a {
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    /// The hash of these bytes.
    package init(_ bytes: some Sequence<UInt8>) { append(bytes) }

    package mutating func append(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }

    /// The hash as 16 hexadecimal digits.
    package var text: String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
