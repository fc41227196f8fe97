import Foundation
import Reporting
import Synchronization

/// Ends the process if an input takes more time or memory than any input may.
final class Watchdog: Sendable {
    /// The seconds that an input may take, many times more than the slowest one needs.
    private static let seconds = 30
    /// The total memory in bytes that inputs of some kilobytes may take.
    private static let bytes = 1 << 30

    /// The time at which reading the current input began.
    private let begin = Atomic<UInt64>(DispatchTime.now().uptimeNanoseconds)

    init() {
        Thread.detachNewThread { [self] in
            while true {
                Thread.sleep(forTimeInterval: 0.2)
                let taken = DispatchTime.now().uptimeNanoseconds &- begin.load(ordering: .relaxed)
                // If the next input began in the meantime, the difference is below zero.
                if taken < UInt64.max / 2, taken > UInt64(Self.seconds) * 1_000_000_000 {
                    fatalError("An input took more than \(Self.seconds) seconds.")
                }
                if PeakMemory.bytes() > Self.bytes { fatalError("An input took more than \(Self.bytes >> 20) MiB.") }
            }
        }
    }

    func beginInput() { begin.store(DispatchTime.now().uptimeNanoseconds, ordering: .relaxed) }
}
