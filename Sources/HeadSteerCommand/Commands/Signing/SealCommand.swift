import ArgumentParser
import Checkpoints
import DataFiles
import Foundation
import Sealing

/// `headsteer seal`: a model that opens only with a key.
struct SealCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "seal",
        abstract: "Encrypt a model, so that it opens only with a key.",
        discussion: """
            Writes one file, from a .gguf file, all files of a split one, or a folder (its weights, *.json and \
            *.jinja). Every command but bake and seal takes it as MODEL with the same --key-file. The key is a file of \
            32 bytes or 64 hexadecimal digits.

            Example:
              openssl rand -hex 32 > model.key && chmod 600 model.key
              headsteer seal model.gguf --key-file model.key --out model.sealed
              headsteer generate model.sealed --key-file model.key --prompt "My day at work was"
            """)

    @OptionGroup var model: ModelArgument
    @Option(help: ArgumentHelp("The sealed model to write.", valueName: "s"))
    var out: String
    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var out: String
        var files: [String]
        var bytes: Int
    }

    func run(_ environment: CommandEnvironment) throws {
        let outputURL = try OutputFile.check(out)
        guard let keyPath = common.keyPath, let key = try common.sealingKey() else {
            throw InputError.usage(
                "no key was given", remedy: "make one, openssl rand -hex 32 > F, and give it with --key-file F")
        }
        let files = try ModelFiles(contentsOf: URL(filePath: model.model)) { key }
        let sealing = try Checkpoint(files).sealing()
        try OutputFile.requireApart(
            outputURL, from: sealing.files.map(\.url) + [URL(filePath: keyPath)], option: "--out")
        let bytes = try environment.stage("Sealing", total: sealing.contentSize) { progress in
            try sealing.write(
                to: outputURL, key: key, threads: common.makeWorkers().count, progress: { try progress($0) })
        }
        let output = Output(out: out, files: sealing.files.map(\.url.lastPathComponent), bytes: bytes)
        if common.json { return try environment.console.json(output) }
        environment.console.output(
            "Sealed \(output.files.joined(separator: ", ")) in \(out) (\(bytes) bytes).\n"
                + "Whoever has the key can read the weights; without it nobody can, you included.")
    }
}
