import DataFiles
import Transformer

/// The random numbers that the fits of one head may use.
package struct HeadRandomness {
    /// For draws of this head alone, whatever is drawn for others.
    package let own: SeededGenerator
    /// For draws that all heads share.
    package let shared: SeededGenerator

    package init(_ head: Head, seed: UInt64) {
        let (layer, index) = (UInt32(truncatingIfNeeded: head.layer), UInt32(truncatingIfNeeded: head.index))
        own = SeededGenerator(seed: seed, stream: UInt64(layer) << 32 | UInt64(index) + 1)
        shared = SeededGenerator(seed: seed, stream: 0x7368_7566_666C_6500)
    }
}
