import ArgumentParser
import DataFiles
import Foundation

/// The program's entry point: parses the arguments, runs the command, and turns errors into one line and a status.
@main
enum EntryPoint {
    static func main() {
        // A write to a peer that died then fails instead.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try HeadSteerBench.parseAsRoot()
            try command.run()
        } catch let error as InputError {
            Console.note("error: \(error)")
            exit(status(of: error.kind))
        } catch {
            HeadSteerBench.exit(withError: error)
        }
    }

    private static func status(of kind: InputError.Kind) -> Int32 {
        switch kind.general {
        case .usage: 64
        case .badData: 65
        case .missingFile: 66
        }
    }
}
