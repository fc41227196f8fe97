import Foundation

/// The process's use of the machine's memory.
public enum PeakMemory {
    /// The peak resident memory so far, in bytes, including mapped files (`VmHWM` on Linux).
    public static func bytes() -> Int {
        var usage = rusage()
        // RUSAGE_SELF, whose type differs between C libraries.
        guard getrusage(0, &usage) == 0 else { return 0 }
        #if canImport(Darwin)
            return usage.ru_maxrss
        #else
            // Linux counts in units of 1024 bytes.
            return usage.ru_maxrss * 1024
        #endif
    }
}
