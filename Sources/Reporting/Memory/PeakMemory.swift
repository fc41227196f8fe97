import Foundation

/// What the process took of the machine's memory.
public enum PeakMemory {
    /// The most bytes that were resident at once so far, mapped files included (`VmHWM` on Linux).
    public static func bytes() -> Int {
        var usage = rusage()
        // RUSAGE_SELF, which the C libraries spell with different types.
        guard getrusage(0, &usage) == 0 else { return 0 }
        #if canImport(Darwin)
            return usage.ru_maxrss
        #else
            // Linux counts in units of 1024 bytes.
            return usage.ru_maxrss * 1024
        #endif
    }
}
