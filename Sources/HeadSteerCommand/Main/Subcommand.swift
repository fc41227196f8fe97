import ArgumentParser
import Sharding

/// A command that is handed what it needs from outside.
protocol Subcommand: ParsableCommand {
    /// - Throws: `InputError`, `CancellationError`, or any other error, which is a defect of ours.
    func run(_ environment: CommandEnvironment) throws
}

/// What a command needs from outside: the terminal and the user's request to stop.
struct CommandEnvironment {
    let console = Console()
    let interruption = Interruption()
    /// The program's arguments, the command's name first.
    var arguments: [String] = []
    /// The shards that the command is to put together, instead of computing their parts.
    var merging: ShardSet?

    /// Runs a stage of long work, with a progress bar on standard error if that is a terminal.
    ///
    /// `body` gets a closure to call with the number of steps done; the closure throws `CancellationError` after
    /// Ctrl-C.
    ///
    /// - Parameter total: the number of steps.
    func stage<Result>(
        _ name: String, total: Int, _ body: (_ progress: (_ done: Int) throws -> Void) throws -> Result
    ) throws -> Result {
        try interruption.check()
        let bar = LiveProgress(console)
        bar.begin(name, total: total)
        defer { bar.finish() }
        return try body { done in
            try interruption.check()
            bar.update(done)
        }
    }
}
