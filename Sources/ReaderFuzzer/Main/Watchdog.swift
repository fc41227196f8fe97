import Foundation
import Reporting
import Synchronization

/// Ends the process where one input takes longer or more memory than any may.
final class Watchdog: Sendable {
    /// The seconds that an input may take, many times what the slowest does.
    private static let seconds = 30
    /// The bytes that inputs of some kilobytes may take in all.
    private static let bytes = 1 << 30

    /// The time at which the input that is being read was begun.
    private let begin = Atomic<UInt64>(DispatchTime.now().uptimeNanoseconds)

    init() {
        Thread.detachNewThread { [self] in
            while true {
                Thread.sleep(forTimeInterval: 0.2)
                let taken = DispatchTime.now().uptimeNanoseconds &- begin.load(ordering: .relaxed)
                // The next input may have been begun in between: then the difference is below zero.
                if taken < UInt64.max / 2, taken > UInt64(Self.seconds) * 1_000_000_000 {
                    fatalError("An input took more than \(Self.seconds) seconds.")
                }
                if PeakMemory.bytes() > Self.bytes { fatalError("An input took more than \(Self.bytes >> 20) MiB.") }
            }
        }
    }

    func beginInput() { begin.store(DispatchTime.now().uptimeNanoseconds, ordering: .relaxed) }
}
