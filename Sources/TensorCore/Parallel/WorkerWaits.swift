import Dispatch
import Synchronization

/// How often and how long a worker waited.
public struct WorkerWaits: Sendable, Equatable {
    /// The number of times it waited for the other threads of a call.
    public var count: Int
    /// The total time.
    public var seconds: Double

    /// Creates waits from numbers that were counted elsewhere.
    public init(count: Int, seconds: Double) {
        self.count = count
        self.seconds = seconds
    }
}

/// Counts one worker's waits on request; otherwise it doesn't even read the time.
final class WaitClock: Sendable {
    /// When counting began, in nanoseconds; 0 if it is off.
    private let beginning = Atomic<UInt64>(0)
    private let count = Atomic<Int>(0)
    private let nanoseconds = Atomic<UInt64>(0)

    var waits: WorkerWaits {
        WorkerWaits(
            count: count.load(ordering: .relaxed), seconds: Double(nanoseconds.load(ordering: .relaxed)) * 1e-9)
    }

    func start() {
        count.store(0, ordering: .relaxed)
        nanoseconds.store(0, ordering: .relaxed)
        beginning.store(DispatchTime.now().uptimeNanoseconds, ordering: .sequentiallyConsistent)
    }

    func stop() { beginning.store(0, ordering: .sequentiallyConsistent) }

    /// The start of a wait; 0 if counting is off.
    var now: UInt64 { beginning.load(ordering: .relaxed) == 0 ? 0 : DispatchTime.now().uptimeNanoseconds }

    /// Adds a wait that began at `time` and has ended; the part before counting began is left out.
    func add(from time: UInt64) {
        let first = beginning.load(ordering: .relaxed)
        guard first != 0 else { return }
        count.add(1, ordering: .relaxed)
        nanoseconds.add(DispatchTime.now().uptimeNanoseconds - Swift.max(time, first), ordering: .relaxed)
    }
}
