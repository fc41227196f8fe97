/// The multiply-and-fold hash of the lookup tables, which takes a few cycles per word and uses one seed per table.
///
/// The seed is random, so that nobody can build a hostile vocabulary whose keys collide. A table's answers don't depend
/// on the seed.
enum HashMixing {
    @inline(__always)
    static func mix(_ value: UInt64, seed: UInt64) -> UInt64 {
        let product = (value ^ seed).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }

    @inline(__always)
    static func hash(_ bytes: UnsafeBufferPointer<UInt8>, seed: UInt64) -> UInt64 {
        var state = mix(UInt64(truncatingIfNeeded: bytes.count), seed: seed)
        var index = 0
        let raw = UnsafeRawBufferPointer(bytes)
        while index &+ 8 <= bytes.count {
            state = mix(state ^ raw.loadUnaligned(fromByteOffset: index, as: UInt64.self), seed: seed)
            index &+= 8
        }
        var tail: UInt64 = 0
        while index < bytes.count {
            tail = tail << 8 | UInt64(bytes[index])
            index &+= 1
        }
        return mix(state ^ tail, seed: seed)
    }

    /// The number of slots, a power of two, at which `count` entries fill at most half of the table.
    static func slotCount(for count: Int) -> Int {
        var slots = 16
        while slots < count &* 2 { slots &*= 2 }
        return slots
    }
}
