import DataFiles

/// The random numbers that fits of one head may use.
struct HeadRandomness {
    /// For what is this head's own, whatever is drawn for others.
    let own: SeededGenerator
    /// For what all heads have in common.
    let shared: SeededGenerator

    init(layer: Int, head: Int, seed: UInt64) {
        own = SeededGenerator(
            seed: seed,
            stream: UInt64(UInt32(truncatingIfNeeded: layer)) << 32 | UInt64(UInt32(truncatingIfNeeded: head)) + 1)
        shared = SeededGenerator(seed: seed, stream: 0x7368_7566_666C_6500)
    }
}
