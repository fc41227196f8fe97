import Dispatch
import Foundation
import Synchronization

/// Runs recursive work on a stack of known size.
///
/// A caller's thread may have as little as 512 KB of stack (secondary threads on macOS), and a debug build uses up to
/// 20 KB for each level of nesting in the template. The work therefore gets a thread of its own. Its stack is large
/// enough for the depth that the limits allow, so the limit is always reached before the stack's end. Starting the
/// thread takes about 50 µs.
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
