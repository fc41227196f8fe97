import DataFiles
import Directions
import Foundation
import Intervention
import Probing
import Transformer

/// What a run's folder holds that a page can show: findings about heads, a plan with its directions, activations, texts
/// under the plan, logs.
///
/// Files are told by what they say of themselves, not by their names. Folders within the folder are looked into as well,
/// one level deep: evaluations are often written there.
public struct RunFolder {
    /// The folder.
    public let url: URL
    /// The model's number of layers, and of query heads of a layer; 0 where no file says anything of heads.
    public internal(set) var layers = 0
    /// See ``layers``.
    public internal(set) var heads = 0
    /// The model's fingerprint, where a file says it.
    public internal(set) var fingerprint: String?
    /// What was measured of every head.
    public internal(set) var columns: [HeadColumn] = []
    /// The plan, and the file that it is in.
    public internal(set) var plan: (loaded: LoadedPlan, file: URL)?
    /// Directions of heads by name, from a probes file or the plan's directions.
    public internal(set) var directions: DirectionFile?
    /// Where projections on the directions change sides, for those of a probes file.
    public internal(set) var thresholds: [Head: Double] = [:]
    /// What the directions were fitted and read with: `data`, `dataSHA256`, `positions`, `template`, `contrast`, `model`.
    public internal(set) var provenance: [String: String] = [:]
    /// Collected activations; nil for none.
    public internal(set) var activations: LabelledActivations?
    /// What a search says of the tokens that its best heads write.
    public internal(set) var writes: [Head: WrittenPieces] = [:]
    /// Texts under the plan; nil for none.
    public internal(set) var steering: SteeredTexts?
    /// Logs of monitors and guards.
    public internal(set) var logs: [ViewedLog] = []
    /// The files that were read, and those that the page can't show.
    public internal(set) var read: [URL] = []
    /// See ``read``.
    public internal(set) var notShown: [String] = []
    /// Columns as files have them, before the number of heads is known.
    var foundColumns: [FoundColumn] = []

    /// Tokens with weights, as a report names them.
    public struct WrittenPieces: Sendable, Equatable {
        /// The tokens whose logits are raised most.
        public var raised: [(piece: String, weight: Double)]
        /// Those whose logits are lowered most.
        public var lowered: [(piece: String, weight: Double)]

        public static func == (a: WrittenPieces, b: WrittenPieces) -> Bool {
            a.raised.elementsEqual(b.raised) { $0 == $1 } && a.lowered.elementsEqual(b.lowered) { $0 == $1 }
        }
    }

    /// Reads a folder.
    ///
    /// - Throws: `InputError` if there is no folder or nothing in it to show, or a file that says what it is doesn't hold that.
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
