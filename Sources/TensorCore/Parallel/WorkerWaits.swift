import Dispatch
import Synchronization

/// How often and how long a worker waited.
public struct WorkerWaits: Sendable, Equatable {
    /// How many times it waited for the others of a call.
    public var count: Int
    /// How long in all.
    public var seconds: Double

    /// Waits that were counted elsewhere.
    public init(count: Int, seconds: Double) {
        self.count = count
        self.seconds = seconds
    }
}

/// Counts one worker's waits while it is asked to; otherwise it doesn't even look at the time.
final class WaitClock: Sendable {
    /// When counting began, in nanoseconds; 0 while nobody counts.
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

    /// When a wait begins; 0 while nobody counts.
    var now: UInt64 { beginning.load(ordering: .relaxed) == 0 ? 0 : DispatchTime.now().uptimeNanoseconds }

    /// A wait that began then has ended. Of one that began before the counting, what came before isn't counted.
    func add(from time: UInt64) {
        let first = beginning.load(ordering: .relaxed)
        guard first != 0 else { return }
        count.add(1, ordering: .relaxed)
        nanoseconds.add(DispatchTime.now().uptimeNanoseconds - Swift.max(time, first), ordering: .relaxed)
    }
}
