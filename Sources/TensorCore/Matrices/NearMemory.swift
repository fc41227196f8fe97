import CWeightKernels

/// Hints about memory that is read soon.
package enum NearMemory {
    /// Asks for memory to be brought into the second-level cache, without waiting for it: what is read once for each token has left
    /// the caches by the next, and a computation that comes upon it waits for every line of it.
    @inline(__always)
    package static func bring(_ start: UnsafeRawPointer, bytes: Int) { headsteer_bring_near(start, bytes) }
}
