import DataFiles
import Directions
import Foundation
import Intervention
import Probing
import Transformer

/// The contents of a run's folder that a page can show.
///
/// These are findings about heads, a plan with its directions, activations, texts under the plan, and logs.
///
/// Files are recognised by their contents, not by their names. Subfolders are read as well, one level deep, because
/// evaluations are often written there.
public struct RunFolder {
    /// The folder.
    public let url: URL
    /// The model's number of layers; 0 if no file has anything about heads.
    public internal(set) var layers = 0
    /// The model's number of query heads per layer; see ``layers``.
    public internal(set) var heads = 0
    /// The model's fingerprint, if a file gives it.
    public internal(set) var fingerprint: String?
    /// The measures of every head.
    public internal(set) var columns: [HeadColumn] = []
    /// The plan, and the file that holds it.
    public internal(set) var plan: (loaded: LoadedPlan, file: URL)?
    /// Directions of heads by name, from a probes file or the plan's directions.
    public internal(set) var directions: DirectionFile?
    /// The thresholds at which projections on the directions change sides, for directions from a probes file.
    public internal(set) var thresholds: [Head: Double] = [:]
    /// Metadata on how the directions were fitted and read, such as `data`, `dataSHA256`, `positions`, `template`,
    /// `contrast` and `model`.
    public internal(set) var provenance: [String: String] = [:]
    /// Collected activations; nil for none.
    public internal(set) var activations: LabelledActivations?
    /// The tokens that the best heads write, according to a search.
    public internal(set) var writes: [Head: WrittenPieces] = [:]
    /// Texts under the plan; nil for none.
    public internal(set) var steering: SteeredTexts?
    /// Logs of monitors and guards.
    public internal(set) var logs: [ViewedLog] = []
    /// The files that were read.
    public internal(set) var read: [URL] = []
    /// The names of the files that the page can't show; see ``read``.
    public internal(set) var notShown: [String] = []
    /// Columns as read from files, before the number of heads is known.
    var foundColumns: [FoundColumn] = []

    /// Tokens with weights, as named in a report.
    public struct WrittenPieces: Sendable, Equatable {
        /// The tokens whose logits are raised most.
        public var raised: [(piece: String, weight: Double)]
        /// The tokens whose logits are lowered most.
        public var lowered: [(piece: String, weight: Double)]

        public static func == (a: WrittenPieces, b: WrittenPieces) -> Bool {
            a.raised.elementsEqual(b.raised) { $0 == $1 } && a.lowered.elementsEqual(b.lowered) { $0 == $1 }
        }
    }

    /// Reads a folder.
    ///
    /// - Throws: `InputError` if there is no folder or it has nothing to show, or if a file's contents don't match its
    ///   stated format.
    public init(contentsOf url: URL) throws {
        self.url = url
        for file in try Self.files(url) { try add(file) }
        try checkShape()
    }

    private mutating func add(_ file: URL) throws {
        let isShown =
            switch file.pathExtension {
            case "json": try addJSON(file)
            case "jsonl": try addLines(file)
            case "safetensors": try addTensors(file)
            default: false
            }
        if isShown { read.append(file) } else { notShown.append(name(file)) }
    }

    /// A file's path within the folder.
    func name(_ file: URL) -> String {
        let parent = file.deletingLastPathComponent()
        return parent.standardizedFileURL.pathComponents == url.standardizedFileURL.pathComponents
            ? file.lastPathComponent : "\(parent.lastPathComponent)/\(file.lastPathComponent)"
    }
}
