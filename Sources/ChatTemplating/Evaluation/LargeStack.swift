import Dispatch
import Foundation
import Synchronization

/// Runs recursive work on a stack whose size is known.
///
/// A caller's thread may have as little as 512 KB (secondary threads on macOS), of which a debug build uses up to 20 KB
/// for each level that a template nests. The work gets a thread of its own, with a stack for the depth that the limits
/// allow, so that the limit is always reached before the stack's end. Starting it takes some 50 µs.
enum LargeStack {
    private static let bytesPerLevel = 64 << 10

    static func run<Success: Sendable>(
        depth: Int, _ work: @escaping @Sendable () -> Result<Success, TemplateError>
    ) throws(TemplateError) -> Success {
        let outcome = Outcome<Success>()
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            let result = work()
            outcome.result.withLock { $0 = result }
            done.signal()
        }
        thread.stackSize = (depth + 16) * bytesPerLevel
        thread.qualityOfService = .userInitiated
        thread.start()
        done.wait()
        guard let result = outcome.result.withLock({ $0 }) else {
            throw TemplateError(.limitExceeded, "the template's thread gave no result", line: 1)
        }
        return try result.get()
    }
}

private final class Outcome<Success: Sendable>: Sendable {
    let result = Mutex<Result<Success, TemplateError>?>(nil)
}
