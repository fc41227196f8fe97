import Foundation

/// What the system says of its memory.
package enum SystemMemory {
    /// The bytes that programs can still take without swapping; nil where the system doesn't say.
    ///
    /// On Linux `MemAvailable`; elsewhere two thirds of the physical memory.
    package static var available: Int? {
        #if os(Linux)
            guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) else { return nil }
            for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
                let words = line.split(separator: " ")
                guard words.count == 3, words[2] == "kB", let kilobytes = Int(words[1]) else { return nil }
                return kilobytes * 1024
            }
            return nil
        #else
            return Int(clamping: ProcessInfo.processInfo.physicalMemory / 3 * 2)
        #endif
    }
}
