import ArgumentParser
import Foundation
import Reporting

/// A command that gets what it needs from outside handed to it.
protocol Subcommand: ParsableCommand {
    /// - Throws: `InputError`, `CancellationError`, or what is a defect of ours.
    func run(_ environment: CommandEnvironment) throws
}

/// What a command uses of the world: the terminal and the wish to stop.
struct CommandEnvironment {
    let console = Console()
    let interruption = Interruption()

    /// Runs a stage of long work with a progress bar on standard error, if that is a terminal.
    ///
    /// The closure that `body` gets takes the number of steps done and of all; it throws `CancellationError` after Ctrl-C.
    func stage<Result>(
        _ name: String, _ body: (_ progress: (_ done: Int, _ total: Int) throws -> Void) throws -> Result
    ) throws -> Result {
        try interruption.check()
        var bar: ProgressBar?
        let start = Date()
        defer { bar?.finish() }
        return try body { done, total in
            try interruption.check()
            guard console.isErrorTerminal, total > 0 else { return }
            if bar?.total != total {
                bar = ProgressBar(
                    name, total: total, width: console.width - 1, start: start, write: console.errorFragment)
            }
            bar?.update(done)
        }
    }
}
