import DataFiles
import Foundation
import Intervention
import Tokenization

/// What the parts of long work depend on that a command keeps, so that the same command goes on after the last of them.
struct WorkKey: Encodable {
    private var program = Version.text
    /// Of the models at work, in their order.
    private var fingerprints: [String]
    private var arguments: [String]
    /// The digests of the files that the arguments name.
    private var files: [String]
    /// With the date: it may be in the tokens.
    private var template: [String: String]

    /// - Parameters:
    ///   - models: those that the results depend on; nil stands for one that isn't there.
    ///   - files: the paths of all other files that are read.
    init(
        _ models: [OpenedModel?], _ arguments: [String], template: ChatTemplateSettings?, files: [String]
    ) throws {
        var words = ArgumentWords(arguments)
        words.takeOwnOfMachine()
        _ = words.take(option: "--report")
        self.arguments = words.words
        var known: [String: String] = [:]
        for model in models.compactMap(\.self) where known[model.path] == nil {
            known[model.path] = try model.model.fingerprint(workers: model.workers)
        }
        fingerprints = models.map { $0.flatMap { known[$0.path] } ?? "" }
        self.files = try files.map { FileDigest.sha256(try InputFile.contents(URL(filePath: $0))) }
        self.template = template?.provenance ?? [:]
    }

    /// The paths of a plan's own files.
    static func files(of plan: LoadedPlan, at path: String) -> [String] {
        let folder = URL(filePath: path).deletingLastPathComponent()
        return [path]
            + (plan.plan.directions.map { [folder.appending(path: $0).path(percentEncoded: false)] } ?? [])
    }

    func digest() throws -> String { try FileDigest.sha256(json: self) }
}
