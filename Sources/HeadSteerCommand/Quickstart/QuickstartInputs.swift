import DataFiles
import Foundation

/// The model and the data that quickstart works on.
struct QuickstartInputs {
    /// Where the model comes from.
    enum Origin: String, Encodable {
        /// Given on the command line.
        case given
        /// Fetched by `Fixtures/fetch-smollm2.sh`.
        case fetched
        /// Part of the checkout.
        case embedded
    }

    var model: URL
    var origin: Origin
    /// Labelled texts, to fit directions from.
    var labelled: URL
    /// Contrast prompts, to measure effects on.
    var contrast: URL
    /// A JSON array of prompts to be continued.
    var prompts: URL
    /// The number of heads to look for.
    var heads: Int

    /// Finds the inputs: the model given, or else the fetched one, or else the embedded one.
    ///
    /// `Fixtures` is looked for in the current folder, then in the folders above the program. If the model's own folder
    /// holds data sets (as the embedded model's does), they are used; otherwise those of `Fixtures/behaviour` are.
    ///
    /// - Throws: `InputError` of the kind `.missingFile` if there is no model or no data.
    init(model path: String?, heads wanted: Int?) throws {
        let fixtures = Self.fixtures()
        let fetched = fixtures?.appending(path: "fetched/SmolLM2-135M-Instruct.Q4_1.gguf")
        let embedded = fixtures?.appending(path: "planted/planted.gguf")
        if let path {
            (model, origin) = (URL(filePath: path), .given)
        } else if let fetched, Self.exists(fetched) {
            (model, origin) = (fetched, .fetched)
        } else if let embedded, Self.exists(embedded) {
            (model, origin) = (embedded, .embedded)
        } else {
            throw InputError(
                .missingFile, "no model", in: "the folder Fixtures",
                remedy: "run the program in its checkout, or give --model MODEL")
        }
        let own = model.deletingLastPathComponent()
        let beside = ["mood.jsonl", "mood-contrast.jsonl", "prompts.json"].map { own.appending(path: $0) }
        if beside.allSatisfy(Self.exists) {
            (labelled, contrast, prompts) = (beside[0], beside[1], beside[2])
        } else {
            guard let behaviour = fixtures?.appending(path: "behaviour") else {
                throw InputError(
                    .missingFile, "no folder Fixtures with example data", in: FileManager.default.currentDirectoryPath,
                    remedy: "run the program in its checkout, or use headsteer search with data of your own")
            }
            labelled = behaviour.appending(path: "mood.jsonl")
            contrast = behaviour.appending(path: "mood-contrast.jsonl")
            prompts = behaviour.appending(path: "mood-prompts.json")
        }
        // In the embedded model two heads carry the mood by construction.
        let isEmbedded = model.lastPathComponent == "planted.gguf" && labelled == beside[0]
        heads = wanted ?? (isEmbedded ? 2 : 4)
    }

    /// The name of the run's folder.
    var runName: String { "quickstart-\(model.deletingPathExtension().lastPathComponent)" }

    private static func fixtures() -> URL? {
        var folders = [URL(filePath: FileManager.default.currentDirectoryPath, directoryHint: .isDirectory)]
        var above = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
        while let folder = above, folder.pathComponents.count > 1 {
            folders.append(folder)
            above = folder.deletingLastPathComponent()
        }
        return folders.map { $0.appending(path: "Fixtures", directoryHint: .isDirectory) }
            .first { exists($0.appending(path: "behaviour/mood.jsonl")) }
    }

    private static func exists(_ url: URL) -> Bool {
        FileManager.default.fileExists(atPath: url.path(percentEncoded: false))
    }
}
