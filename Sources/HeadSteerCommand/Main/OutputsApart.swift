import ArgumentParser
import DataFiles
import Foundation
import Intervention

/// Keeps every command from replacing a file that it reads, by whatever path or link, before anything is read.
///
/// This is decided from the arguments alone, so that no command can forget it. Outputs are what the options for them
/// name. Every other argument that is the path of a file counts as read, and so do the files that such a file names: a
/// plan's directions, a study's data, the other files of a model.
struct OutputsApart {
    /// The options that name what is written, in any command.
    private static let outputOptions: Set<String> = [
        "--out", "--report", "--svg", "--show-svg", "--positions-svg", "--csv",
    ]
    /// The files that commands write to the folder that such an option names, or to folders in it.
    private static let names: Set<String> = [
        "plan.json", "directions.safetensors", "report.json", "report.html", "report.md", "times.json", "stages.json",
        "search-state.json", "learning-state.json", "study.json", "study-state.json",
        "evidence.md",
        "texts.json", "sweep.json", "activations.safetensors",
    ]
    /// The endings of the files that are read from folders.
    private static let readEndings: Set<String> = ["safetensors", "json", "jsonl", "csv", "txt", "jinja"]
    /// The largest size of a file that is searched for the names of others; such files are small.
    private static let mostBytes = 1 << 20

    private var outputs: [(option: String, url: URL)] = []
    private var inputs: [URL] = []

    /// - Parameter arguments: the program's arguments, the command's name first.
    init(_ arguments: [String]) {
        var option: String?
        for argument in arguments.dropFirst(Self.commandWords(arguments)) {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            if let output = option {
                outputs.append((output, URL(filePath: argument)))
                option = nil
            } else if Self.outputOptions.contains(argument) {
                option = argument
            } else if parts.count == 2, Self.outputOptions.contains(parts[0]) {
                outputs.append((parts[0], URL(filePath: parts[1])))
            } else {
                // A path as it is, or after a name: `--data=FILE`, `mood=FILE`.
                inputs += ([argument] + parts.dropFirst()).filter { !$0.isEmpty }.map { URL(filePath: $0) }
            }
        }
    }

    /// The number of words that name the command, in `audit …` or `plan make …`: a folder may have the same name.
    private static func commandWords(_ arguments: [String]) -> Int {
        var commands = HeadSteerCommand.configuration.subcommands
        var count = 0
        for word in arguments {
            guard let command = commands.first(where: { $0._commandName == word }) else { break }
            commands = command.configuration.subcommands
            count += 1
        }
        return count
    }

    /// - Throws: `InputError` of the kind `.usage` that names the option and the file that would be lost.
    func check() throws {
        let places = outputs.map { ($0.option, Set(Self.written($0.url).compactMap(Self.identity))) }
            .filter { !$1.isEmpty }
        guard !places.isEmpty else { return }
        for file in inputs.flatMap(read) {
            guard let own = Self.identity(file), let (option, _) = places.first(where: { $1.contains(own) }) else {
                continue
            }
            throw InputError.usage(
                "\(option) would replace \(file.path(percentEncoded: false)), which is read",
                remedy: "choose another output path")
        }
    }

    /// The files that an output may replace.
    private static func written(_ output: URL) -> [URL] {
        guard let contents = contents(output) else { return [output] }
        return (contents + contents.flatMap { Self.contents($0) ?? [] }).filter {
            names.contains($0.lastPathComponent) || $0.pathExtension == "svg"
        }
    }

    /// The files that are read where an argument names `input`.
    private func read(_ input: URL) -> [URL] {
        if let contents = Self.contents(input) {
            let read = contents.filter { Self.readEndings.contains($0.pathExtension) }
            return read.contains { $0.lastPathComponent == "config.json" } ? model(read) : read
        }
        switch input.pathExtension {
        case "gguf": return [input] + Self.parts(of: input)
        case "json": return [input] + named(in: input)
        default: return [input]
        }
    }

    /// The files that are read from a model's folder, in which results may lie too.
    private func model(_ files: [URL]) -> [URL] {
        let (weights, others) = (
            files.filter { $0.pathExtension == "safetensors" }, files.filter { $0.pathExtension != "safetensors" }
        )
        let named = weights.filter { $0.lastPathComponent.hasPrefix("model") }
        let settings = others.filter { !Self.names.contains($0.lastPathComponent) }
        let shards = settings.filter { $0.lastPathComponent.hasSuffix(".index.json") }.flatMap(self.named)
        return settings + (named.isEmpty && shards.isEmpty ? weights : named + shards)
    }

    /// The other files of a model that is split into several.
    private static func parts(of model: URL) -> [URL] {
        let name = model.lastPathComponent
        guard let part = name.firstRange(of: /-[0-9]{5}-of-[0-9]{5}\.gguf$/) else { return [] }
        let stem = name[..<part.lowerBound] + "-"
        return (contents(model.deletingLastPathComponent()) ?? []).filter { $0.lastPathComponent.hasPrefix(stem) }
    }

    /// The files that a small JSON file names, beside it or in a folder that another argument names.
    private func named(in file: URL) -> [URL] {
        guard let mapped = try? MappedFile(contentsOf: file), mapped.count <= Self.mostBytes,
            let value = withExtendedLifetime(mapped, { try? JSONValue(parsing: mapped.bytes, file: mapped.path) })
        else { return [] }
        let folders = [file.deletingLastPathComponent()] + inputs.filter { Self.contents($0) != nil }
        // The report beside a plan is read for the data that the plan was made from.
        let isPlan = value.strings.contains(InterventionPlan.format)
        let names = value.strings.filter { !$0.isEmpty && $0.utf8.count < 256 && $0.contains(".") }
        return (names + (isPlan ? ["report.json"] : [])).flatMap { name in
            folders.map { name.hasPrefix("/") ? URL(filePath: name) : $0.appending(path: name) }
        }
    }

    /// The contents of a folder; nil if there is none that can be read.
    static func contents(_ folder: URL) -> [URL]? { try? DiskFolder(folder).names.map { folder.appending(path: $0) } }

    /// The file that a path leads to; nil if there is none. Devices and pipes aren't replaced.
    private static func identity(_ url: URL) -> FileIdentity? { FileIdentity(url, regularOnly: true) }
}

extension JSONValue {
    /// All strings in the value, except the names of fields.
    fileprivate var strings: [String] {
        switch content {
        case .string(let text): [text]
        case .array(let elements): elements.flatMap(\.strings)
        case .object(let fields): fields.flatMap(\.value.strings)
        default: []
        }
    }
}
