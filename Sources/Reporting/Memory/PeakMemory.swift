import Foundation

/// The process's use of the machine's memory.
public enum PeakMemory {
    /// The peak resident memory so far, in bytes, including mapped files (`VmHWM` on Linux); 0 if it isn't known.
    public static func bytes() -> Int {
        #if os(Linux)
            // getrusage would count what the parent process had when it started this one.
            let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
            if let bytes = status.flatMap(bytes(inStatus:)) { return bytes }
        #endif
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

    /// The peak that the text of Linux's `/proc/PID/status` gives; nil if it gives none.
    static func bytes(inStatus status: String) -> Int? {
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let fields = line?.split { $0 == " " || $0 == "\t" } ?? []
        guard fields.count == 3, fields[2] == "kB", let kilobytes = Int(fields[1]) else { return nil }
        return kilobytes.multipliedReportingOverflow(by: 1024).overflow ? nil : kilobytes * 1024
    }
}
