import ArgumentParser
import DataFiles
import Foundation
import Sharding

/// `headsteer merge`: puts the shards of a command together.
struct MergeCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Put the shards of a command together, with the same bytes as one run.",
        discussion: """
            Give the folders of all shards of one command, in any order, as collect, sweep, search, study and audit \
            write them with --shard I/N. The command itself continues from them, with the arguments that the shards \
            were given, and writes the same files as one run into the folder --out. collect writes \
            activations.safetensors there, or --out itself if that ends in .safetensors; sweep writes sweep.json. A \
            shard that is missing, unfinished or from other work is an error that names it.

            If a file or folder lies elsewhere on this machine, say where with --path.

            Example:
              headsteer sweep model.gguf --data contrasts.jsonl --directions probes.safetensors --shard 1/2 --out s/1
              headsteer sweep model.gguf --data contrasts.jsonl --directions probes.safetensors --shard 2/2 --out s/2
              headsteer merge s/1 s/2 --out runs/sweep
            """)

    @Argument(help: ArgumentHelp("The shards' folders.", valueName: "dir"))
    var folders: [String]

    @Option(help: ArgumentHelp("The folder for what the command writes.", valueName: "folder"))
    var out: String

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "The new path of a file or folder that the shards were given under an old one. Repeatable.",
            valueName: "old=new"))
    var path: [MovedPath] = []

    @Flag(help: "Print one JSON object, that of the whole command, instead of text for people.")
    var json = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The number of threads to compute with (default: all cores).", valueName: "n"))
    var threads: Int?

    @Flag(help: "Use the weights as they lie in the file, instead of packing a copy of them when the model is opened.")
    var noRepack = false

    @Option(
        help: ArgumentHelp(
            "The file with the key of a sealed model (default: the file that HEADSTEER_KEY_FILE names).",
            valueName: "f"))
    var keyFile: String?

    func run(_ environment: CommandEnvironment) throws {
        let shards = try ShardSet(folders.map { URL(filePath: $0, directoryHint: .isDirectory) })
        guard let first = shards.members.first else { return }
        let output = URL(filePath: out)
        for member in shards.members {
            try OutputFile.requireOther(output, than: member.folder)
        }
        let place = first.folder.appending(path: ShardManifest.fileName).path(percentEncoded: false)
        let arguments = arguments(first.manifest)
        let command = try parse(arguments, place: place)
        for path in command.inputPaths where !FileManager.default.fileExists(atPath: path) {
            throw InputError.missingFile(
                path, remedy: "\(place) names it; give --path \(ShellWord.path(path))=WHERE, or run merge where it is")
        }
        try OutputsApart(arguments).check()
        var merging = environment
        merging.arguments = arguments
        merging.merging = shards
        try command.run(merging)
    }

    /// The arguments of the whole command.
    private func arguments(_ manifest: ShardManifest) -> [String] {
        var words = ArgumentWords(manifest.arguments)
        for path in path { words.replace(path.old, with: path.new) }
        let own =
            ["--out=\(out)"] + (json ? ["--json"] : []) + (threads.map { ["--threads=\($0)"] } ?? [])
            + (noRepack ? ["--no-repack"] : []) + (keyFile.map { ["--key-file=\($0)"] } ?? [])
        return [manifest.command] + own + words.words
    }

    private func parse(_ arguments: [String], place: String) throws -> any ShardedCommand {
        let command: any ParsableCommand
        do {
            command = try HeadSteerCommand.parseAsRoot(arguments)
        } catch {
            throw InputError.badData(
                "arguments that \(arguments[0]) doesn't take (\(HeadSteerCommand.message(for: error)))", in: place,
                remedy: "put shards together with the program that wrote them")
        }
        guard let command = command as? any ShardedCommand, command.shard.shard == nil else {
            throw InputError.badData(
                "the command \(arguments[0]), which has no shards", in: place,
                remedy: "give folders that a command with --shard wrote")
        }
        return command
    }
}

/// `OLD=NEW`: a path that lies elsewhere on this machine.
struct MovedPath: ExpressibleByArgument {
    let old: String
    let new: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        (old, new) = (Self.trimmed(parts[0]), Self.trimmed(parts[1]))
    }

    private static func trimmed(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}
