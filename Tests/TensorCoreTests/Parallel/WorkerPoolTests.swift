import Foundation
import Synchronization
import TensorCore
import XCTest

final class WorkerPoolTests: XCTestCase {
    /// Counters that any thread may raise.
    private final class Counters: @unchecked Sendable {
        // Unchecked: `values` is used under the lock. (The thread sanitizer knows this lock; it doesn't know Mutex.)
        private let lock = NSLock()
        private var values: [Int]
        init(_ count: Int) { values = [Int](repeating: 0, count: count) }
        /// Adds to a counter and returns what it was.
        @discardableResult
        func add(_ number: Int, to index: Int) -> Int {
            lock.withLock {
                defer { values[index] += number }
                return values[index]
            }
        }
        func raise(_ index: Int) { add(1, to: index) }
        var all: [Int] { lock.withLock { values } }
    }

    func testEveryTaskRunsOnce() {
        for workers in [1, 2, 3, 5] {
            let pool = WorkerPool(count: workers)
            for tasks in [0, 1, 2, 3, 7, 64, 1000] {
                let counters = Counters(tasks)
                let strangers = Counters(1)
                pool.run(tasks) { task, worker in
                    counters.raise(task)
                    if worker < 0 || worker >= workers { strangers.raise(0) }
                }
                XCTAssertEqual(counters.all, [Int](repeating: 1, count: tasks), "\(tasks) tasks, \(workers) workers")
                XCTAssertEqual(strangers.all, [0], "workers that the pool of \(workers) doesn't have")
            }
        }
    }

    /// Two tasks of one call that run at the same time have different workers.
    func testWorkersAreNotShared() {
        let pool = WorkerPool(count: 3)
        let inside = Counters(3)
        let collisions = Counters(1)
        let entered = Counters(1)
        pool.run(300) { _, worker in
            if inside.add(1, to: worker) != 0 { collisions.raise(0) }
            entered.raise(0)
            usleep(50)
            inside.add(-1, to: worker)
        }
        XCTAssertEqual(collisions.all, [0], "tasks that met another of the same worker")
        XCTAssertEqual(entered.all, [300])
    }

    func testCallWithinACall() {
        let pool = WorkerPool(count: 3)
        let counters = Counters(8 * 16)
        pool.run(8) { outer, _ in pool.run(16) { inner, _ in counters.raise(outer * 16 + inner) } }
        XCTAssertEqual(counters.all, [Int](repeating: 1, count: 8 * 16))
    }

    func testManyCallersAtOnce() {
        let pool = WorkerPool(count: 3)
        let callers = 6
        let calls = 200
        let counters = Counters(callers)
        DispatchQueue.concurrentPerform(iterations: callers) { caller in
            for call in 0..<calls {
                let seen = Counters(1 + call % 9)
                pool.run(1 + call % 9) { task, _ in seen.raise(task) }
                if seen.all.allSatisfy({ $0 == 1 }) { counters.raise(caller) }
            }
        }
        XCTAssertEqual(counters.all, [Int](repeating: calls, count: callers), "calls that ran each task once")
    }

    func testTwentyThousandShortCalls() {
        let pool = WorkerPool(count: 3)
        let sum = Atomic<Int>(0)
        for _ in 0..<20_000 { pool.run(3) { task, _ in sum.add(task + 1, ordering: .relaxed) } }
        XCTAssertEqual(sum.load(ordering: .relaxed), 120_000)
    }

    /// Calls after pauses in which the workers fell asleep.
    func testWorkersWakeUp() {
        let pool = WorkerPool(count: 3)
        let sum = Atomic<Int>(0)
        for pause in 0..<40 {
            usleep(UInt32(pause * 150))
            pool.run(30) { _, _ in sum.add(1, ordering: .relaxed) }
        }
        XCTAssertEqual(sum.load(ordering: .relaxed), 1200)
    }

    func testIdlePoolCostsNoProcessorTime() {
        func processorSeconds() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
        }
        let pool = WorkerPool(count: 4)
        pool.run(100) { _, _ in }
        usleep(100_000)
        let before = processorSeconds()
        usleep(300_000)
        let used = processorSeconds() - before
        XCTAssertLessThan(used, 0.03, "an idle pool used \(used) s of 0.3 s")
        withExtendedLifetime(pool) {}
    }

    /// A pool that nobody holds ends its threads.
    func testThreadsEndWithThePool() throws {
        #if os(Linux)
            func threads() throws -> Int {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
            }
            // Threads of earlier tests may still be ending.
            var before = try threads()
            for _ in 0..<50 {
                usleep(20_000)
                let now = try threads()
                if now == before { break }
                before = now
            }
            var pool: WorkerPool? = WorkerPool(count: 9)
            pool?.run(20) { _, _ in }
            XCTAssertGreaterThanOrEqual(try threads(), before + 8)
            pool = nil
            var left = 0
            for _ in 0..<100 {
                left = try threads()
                if left <= before { break }
                usleep(10_000)
            }
            XCTAssertLessThanOrEqual(left, before, "threads of a pool that is gone")
        #else
            throw XCTSkip("SKIPPED: threads are counted on Linux only")
        #endif
    }

    /// One worker has the long task and the other waits for it: the caller at the call's end, the worker for the next call. While
    /// the caller works alone, the worker waits.
    func testWaitsAreCounted() {
        let pool = WorkerPool(count: 2)
        let (result, waits) = pool.countingWaits {
            for _ in 0..<3 {
                pool.run(2) { _, worker in usleep(worker == 0 ? 1_000 : 30_000) }
                usleep(40_000)
            }
            pool.run(2) { _, _ in }
            return "done"
        }
        XCTAssertEqual(result, "done")
        XCTAssertEqual(waits.count, 2)
        XCTAssertEqual(waits[0].count, 4, "calls")
        // The worker may be too late for a call, which the caller then does alone.
        XCTAssertGreaterThan(waits[1].seconds, 0.05, "\(waits)")
        XCTAssertGreaterThan(waits[1].count, 0)
        let counted = pool.countingWaits {}
        XCTAssertEqual(counted.waits.map(\.count), [0, 0], "waits of before")
    }

    /// What a task refers to is released when the call returns.
    func testBodyIsReleased() {
        final class Token {}
        weak var remembered: Token?
        let pool = WorkerPool(count: 3)
        do {
            let token = Token()
            remembered = token
            pool.run(10) { _, _ in withExtendedLifetime(token) {} }
        }
        XCTAssertNil(remembered, "the pool keeps what its last call used")
    }
}
