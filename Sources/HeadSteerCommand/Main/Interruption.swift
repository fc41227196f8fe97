import Dispatch
import Foundation
import Synchronization

/// The user's wish to stop: Ctrl-C (or a polite kill) sets a flag that long work asks for; a second one ends at once.
final class Interruption: Sendable {
    private final class Flag: Sendable {
        let value = Atomic<Bool>(false)
        let endsAtOnce = Atomic<Bool>(false)
    }

    private let flag: Flag
    // Unchecked: only kept alive; a source is safe to use from any thread.
    nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

    init() {
        let flag = Flag()
        self.flag = flag
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInteractive))
            source.setEventHandler {
                let isSecond = flag.value.exchange(true, ordering: .relaxed)
                if isSecond || flag.endsAtOnce.load(ordering: .relaxed) { _exit(ExitStatus.interrupted.rawValue) }
            }
            source.resume()
            return source
        }
    }

    /// Whether the program ends with the first Ctrl-C: while it waits for something that doesn't ask for the flag.
    var endsAtOnce: Bool {
        get { flag.endsAtOnce.load(ordering: .relaxed) }
        set { flag.endsAtOnce.store(newValue, ordering: .relaxed) }
    }

    /// Forgets the wish, after what was to stop has stopped.
    func clear() { flag.value.store(false, ordering: .relaxed) }

    var isRequested: Bool { flag.value.load(ordering: .relaxed) }

    /// - Throws: `CancellationError` once the user wants to stop.
    func check() throws {
        if isRequested { throw CancellationError() }
    }
}
