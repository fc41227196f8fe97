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

    /// The files of a folder that may be read for a page: by their names' endings.
    ///
    /// - Throws: `InputError` if there is no such folder.
    public static func readable(_ folder: URL) throws -> [URL] {
        try files(folder).filter { ["json", "jsonl", "safetensors"].contains($0.pathExtension) }
    }

    /// The files of a folder and of those in it, by name.
    private static func files(_ folder: URL) throws -> [URL] {
        let path = folder.path(percentEncoded: false)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw InputError.missingFile(path, remedy: "give the folder that a search or another command wrote")
        }
        guard isFolder.boolValue else {
            throw InputError.usage("\(path) is a file", remedy: "give the folder that it is in")
        }
        func contents(_ folder: URL, deeper: Bool) throws -> [URL] {
            let path = folder.path(percentEncoded: false)
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
                throw InputError.missingFile(path, remedy: "make the folder readable, or move it out of the run's")
            }
            return try names.sorted().filter { !$0.hasPrefix(".") }.flatMap { name -> [URL] in
                let url = folder.appending(path: name)
                // What a link leads to. Of pipes and devices nothing is read.
                let target = url.resolvingSymlinksInPath().path(percentEncoded: false)
                switch try? FileManager.default.attributesOfItem(atPath: target)[.type] as? FileAttributeType {
                case .typeDirectory: return deeper ? try contents(url, deeper: false) : []
                case .typeRegular: return [url]
                default: return []
                }
            }
        }
        return try contents(folder, deeper: true)
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

    // MARK: - Shape

    /// The most heads that a page shows.
    static let mostHeads = 65_536
    /// The most numbers of all heads together: a short file can name many columns of one head each.
    static let mostNumbers = 1 << 22

    /// Takes note of a model's shape.
    ///
    /// - Throws: `InputError` if other files are of a model of another shape.
    mutating func require(layers: Int, heads: Int, _ place: String) throws {
        guard layers > 0, heads > 0, layers <= Self.mostHeads, heads <= Self.mostHeads / layers else {
            throw InputError.badData(
                "\(layers) layers of \(heads) heads", in: place, remedy: "view runs of up to \(Self.mostHeads) heads")
        }
        guard self.layers == 0 || (self.layers, self.heads) == (layers, heads) else {
            throw InputError(
                .otherModel,
                "\(layers) × \(heads) heads, where other files of the folder have \(self.layers) × \(self.heads)",
                in: place, remedy: "keep the runs of each model in a folder of their own")
        }
        (self.layers, self.heads) = (layers, heads)
    }

    /// Takes note of a model's fingerprint.
    ///
    /// - Throws: `InputError` if other files are of another model.
    mutating func require(fingerprint: String?, _ place: String) throws {
        guard let fingerprint else { return }
        guard self.fingerprint == nil || self.fingerprint == fingerprint else {
            throw InputError(
                .otherModel,
                "another model's fingerprint (\(fingerprint.prefix(19))…) than in other files of the folder",
                in: place, remedy: "keep the runs of each model in a folder of their own")
        }
        self.fingerprint = fingerprint
    }

    /// Makes sure that the folder's findings are of a model of that shape and fingerprint.
    ///
    /// - Throws: `InputError` if they aren't.
    public func requireModel(_ c: ModelConfiguration, fingerprint: String, model: String) throws {
        guard self.fingerprint == nil || self.fingerprint == fingerprint else {
            throw InputError(
                .otherModel, "another model than the run's: the fingerprint is \(fingerprint.prefix(19))…", in: model,
                remedy: "give the run's own model")
        }
        guard layers == 0 || (layers, heads) == (c.layers, c.heads) else {
            throw InputError(
                .otherModel, "\(c.layers) × \(c.heads) heads, where the run's model has \(layers) × \(heads)",
                in: model,
                remedy: "give the run's own model")
        }
    }

    /// Where no file says how many heads there are, as many as are named.
    private mutating func checkShape() throws {
        if layers == 0, let most = named.max(by: { $0.layer < $1.layer }),
            let widest = named.max(by: { $0.index < $1.index })
        {
            try require(layers: most.layer + 1, heads: widest.index + 1, url.path(percentEncoded: false))
        }
        guard foundColumns.count <= Self.mostNumbers / max(layers * heads, 1) else {
            throw InputError.badData(
                "\(foundColumns.count) columns of \(layers) × \(heads) heads", in: url.path(percentEncoded: false),
                remedy: "view fewer files at a time")
        }
        for found in foundColumns {
            for head in found.values.keys where head.layer >= layers || head.index >= heads {
                throw InputError(
                    .otherModel, "the head \(head), which a model of \(layers) × \(heads) heads doesn't have",
                    in: found.place,
                    remedy: "keep the runs of each model in a folder of their own")
            }
            columns.append(found.column(layers: layers, heads: heads))
        }
        if columns.isEmpty, plan == nil, logs.isEmpty, steering == nil, activations == nil, directions == nil {
            throw InputError.badData(
                "nothing that a page could show", in: url.path(percentEncoded: false),
                remedy: "give a folder with what search, probe --out, sweep --json, evaluate --report or monitor wrote")
        }
    }

    /// Columns as files have them, before the number of heads is known.
    var foundColumns: [FoundColumn] = []
    private var named: [Head] { foundColumns.flatMap { Array($0.values.keys) } }
}

/// A column by head.
struct FoundColumn {
    var key, label, source, place: String
    var values: [Head: Double]

    func column(layers: Int, heads: Int) -> HeadColumn {
        let all = Head.all(layers: layers, heads: heads).map { values[$0] }
        return HeadColumn(
            key: key, label: label, source: source, note: ColumnNotes.note(label), values: all,
            centre: ColumnNotes.isArea(label) ? 0.5 : nil, ascending: ColumnNotes.isProbability(label),
            test: label == "q")
    }
}
