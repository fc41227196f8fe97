import CWeightKernels
import DataFiles
import Foundation
import Synchronization

/// Threads that share the work of one call at a time.
///
/// A call is split into tasks whose size doesn't depend on the number of workers, so the result has the same bits for
/// any number. Workers spin for some microseconds after a call and then sleep, so an idle pool costs no processor time.
/// Several threads may use one pool; a call that finds it busy runs on its own thread.
public final class WorkerPool: Sendable {
    /// The number of threads that work on a call, including the caller's.
    public let count: Int
    /// Memory of past calls for later ones: 128 MB, which is about what a batch of forked sequences takes.
    package let recycled = RecycledMemory(most: 1 << 27)
    private let shared: Shared
    private let multiplied = Atomic<Int>(0)

    /// - Parameter count: the number of threads, at least 1; by default the number of processor cores.
    /// - Precondition: at least one worker.
    public init(count: Int = ProcessInfo.processInfo.activeProcessorCount) {
        precondition(count >= 1, "A worker pool needs at least one worker, not \(count).")
        self.count = count
        shared = Shared(count: count)
        for index in 1..<max(count, 1) {
            let shared = shared
            let thread = Thread { shared.work(as: index, of: count) }
            thread.name = "headsteer worker \(index)"
            thread.stackSize = 1 << 21
            thread.start()
        }
    }

    deinit { shared.stop() }

    /// The number of multiplications, each with an addition, that products of weights have taken on this pool so far.
    ///
    /// The difference between two readings is the cost of a stage of some work. The multiplications of a backward pass
    /// aren't counted.
    public var multiplications: Int { multiplied.load(ordering: .relaxed) }

    func count(multiplications: Int) { multiplied.wrappingAdd(multiplications, ordering: .relaxed) }

    /// Runs `body` for the tasks 0, …, `tasks` − 1, each once, in any order, on the workers and the calling thread.
    ///
    /// Returns when all tasks are done. It allocates nothing, and takes a lock only to wake sleeping workers.
    ///
    /// - Parameters:
    ///   - upcoming: what a later call will read first, such as the next product's weights. Waiting workers prefetch
    ///     it, so that memory isn't idle while one thread computes. It is a hint that changes no result.
    ///   - body: takes the task and the worker that runs it, 0 (the caller) ..< ``count``. Two tasks of one call that
    ///     run at the same time have different workers, so a call can keep scratch memory for each worker. (Two calls
    ///     at the same time, for example one inside the other, use the same numbers.)
    public func run(
        _ tasks: Int, upcoming: UnsafeRawBufferPointer? = nil, _ body: (_ task: Int, _ worker: Int) -> Void
    ) {
        if count == 1 || tasks <= 1 || !shared.begin() {
            for task in 0..<tasks { body(task, 0) }
            return
        }
        withoutActuallyEscaping(body) { body in
            shared.publish(tasks: tasks, upcoming: upcoming, body: body)
            shared.takeTasks(worker: 0)
            shared.finish()
        }
    }

    /// Runs `body`, and counts how often and how long each worker waits meanwhile: the caller for the others at the
    /// ends of calls, the others for the next call.
    ///
    /// - Parameter body: calls ``run(_:upcoming:_:)`` from this thread only; no other thread may use the pool or count
    ///   waits meanwhile.
    /// - Returns: the result of `body` and the waits of each worker; a wait that hasn't ended when `body` returns isn't
    ///   counted.
    public func countingWaits<Result>(
        _ body: () throws -> Result
    ) rethrows -> (result: Result, waits: [WorkerWaits]) {
        for clock in shared.clocks { clock.start() }
        defer { for clock in shared.clocks { clock.stop() } }
        let result = try body()
        return (result, shared.clocks.map(\.waits))
    }
}

/// The state that the caller and the workers share.
private final class Shared: @unchecked Sendable {
    // `body` and `tasks` are written only while `open` is false and no worker is taking tasks (`inside` is 0). They are
    // read only by workers that found `open` true after adding to `inside`: the sequential consistency of `open` and
    // `inside` orders this.
    private var body: ((Int, Int) -> Void)?
    private var tasks = 0
    private let busy = Atomic<Bool>(false)
    private let open = Atomic<Bool>(false)
    private let inside = Atomic<Int>(0)
    private let next = Atomic<Int>(0)
    private let calls = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let stopped = Atomic<Bool>(false)
    /// The address of what waiting workers prefetch, 0 for nothing, and its size in bytes.
    ///
    /// For a moment the two may belong to different calls. At worst this prefetches memory that nobody reads.
    private let upcoming = Atomic<UInt>(0)
    private let upcomingBytes = Atomic<Int>(0)
    private let wake = NSCondition()
    /// One clock for each worker.
    let clocks: [WaitClock]

    init(count: Int) { clocks = (0..<count).map { _ in WaitClock() } }

    /// Takes the pool, unless another call is using it.
    func begin() -> Bool {
        busy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    }

    func publish(tasks: Int, upcoming: UnsafeRawBufferPointer?, body: @escaping (Int, Int) -> Void) {
        self.body = body
        self.tasks = tasks
        if let upcoming, let start = upcoming.baseAddress {
            self.upcoming.store(UInt(bitPattern: start), ordering: .relaxed)
            upcomingBytes.store(upcoming.count, ordering: .relaxed)
        }
        next.store(0, ordering: .relaxed)
        open.store(true, ordering: .sequentiallyConsistent)
        calls.add(1, ordering: .sequentiallyConsistent)
        if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
            wake.lock()
            wake.broadcast()
            wake.unlock()
        }
    }

    func takeTasks(worker: Int) {
        guard let body else { return }
        while true {
            let task = next.add(1, ordering: .relaxed).oldValue
            if task >= tasks { return }
            body(task, worker)
        }
    }

    func finish() {
        open.store(false, ordering: .sequentiallyConsistent)
        let beginning = clocks[0].now
        var spins = 0
        while inside.load(ordering: .sequentiallyConsistent) != 0 {
            spins &+= 1
            headsteer_pause()
            if spins > 2_000 { sched_yield() }
        }
        clocks[0].add(from: beginning)
        body = nil
        busy.store(false, ordering: .releasing)
    }

    func stop() {
        stopped.store(true, ordering: .sequentiallyConsistent)
        wake.lock()
        wake.broadcast()
        wake.unlock()
    }

    /// The main loop of a worker's thread.
    func work(as worker: Int, of count: Int) {
        var seen = 0
        var reading = UpcomingRead(worker: worker, of: count)
        while true {
            let beginning = clocks[worker].now
            seen = waitForCall(after: seen, reading: &reading)
            clocks[worker].add(from: beginning)
            if stopped.load(ordering: .acquiring) { return }
            inside.add(1, ordering: .sequentiallyConsistent)
            if open.load(ordering: .sequentiallyConsistent) { takeTasks(worker: worker) }
            inside.subtract(1, ordering: .sequentiallyConsistent)
        }
    }

    /// Spins for a while and then sleeps, until there is a call that this worker hasn't seen.
    private func waitForCall(after seen: Int, reading: inout UpcomingRead) -> Int {
        reading.begin(upcoming.load(ordering: .relaxed), bytes: upcomingBytes.load(ordering: .relaxed))
        for spin in 0..<4_000 {
            let now = calls.load(ordering: .acquiring)
            if now != seen || stopped.load(ordering: .relaxed) { return now }
            if reading.continues() { continue }
            headsteer_pause()
            if spin > 2_000, spin % 8 == 0 { sched_yield() }
        }
        sleepers.add(1, ordering: .sequentiallyConsistent)
        wake.lock()
        while calls.load(ordering: .sequentiallyConsistent) == seen, !stopped.load(ordering: .acquiring) { wake.wait() }
        wake.unlock()
        sleepers.subtract(1, ordering: .sequentiallyConsistent)
        return calls.load(ordering: .acquiring)
    }
}
