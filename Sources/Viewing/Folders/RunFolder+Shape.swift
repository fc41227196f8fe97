import DataFiles
import Transformer

extension RunFolder {
    /// The most heads that a page shows.
    static let mostHeads = 65_536
    /// The most numbers for all heads together; without this limit, a short file could name many columns of one head
    /// each.
    static let mostNumbers = 1 << 22

    /// Records a model's shape.
    ///
    /// - Throws: `InputError` if other files come from a model with another shape.
    mutating func require(layers: Int, heads: Int, _ place: String) throws {
        guard layers > 0, heads > 0, layers <= Self.mostHeads, heads <= Self.mostHeads / layers else {
            throw InputError.badData(
                "\(layers) layers of \(heads) heads", in: place, remedy: "view runs of up to \(Self.mostHeads) heads")
        }
        guard self.layers == 0 || (self.layers, self.heads) == (layers, heads) else {
            throw InputError(
                .otherModel,
                "\(layers) × \(heads) heads, where other files in the folder have \(self.layers) × \(self.heads)",
                in: place, remedy: "keep the runs of each model in a folder of their own")
        }
        (self.layers, self.heads) = (layers, heads)
    }

    /// Records a model's fingerprint.
    ///
    /// - Throws: `InputError` if other files come from another model.
    mutating func require(fingerprint: String?, _ place: String) throws {
        guard let fingerprint else { return }
        guard self.fingerprint == nil || self.fingerprint == fingerprint else {
            throw InputError(
                .otherModel,
                "a fingerprint (\(fingerprint.prefix(19))…) that differs from that of other files in the folder",
                in: place, remedy: "keep the runs of each model in a folder of their own")
        }
        self.fingerprint = fingerprint
    }

    /// Checks that the folder's findings come from a model with this shape and fingerprint.
    ///
    /// - Throws: `InputError` if they don't.
    public func requireModel(_ c: ModelConfiguration, fingerprint: String, model: String) throws {
        guard self.fingerprint == nil || self.fingerprint == fingerprint else {
            throw InputError(
                .otherModel, "a model other than the run's: the fingerprint is \(fingerprint.prefix(19))…", in: model,
                remedy: "give the run's own model")
        }
        guard layers == 0 || (layers, heads) == (c.layers, c.heads) else {
            throw InputError(
                .otherModel, "\(c.layers) × \(c.heads) heads, where the run's model has \(layers) × \(heads)",
                in: model,
                remedy: "give the run's own model")
        }
    }

    /// Turns the values found in files into columns.
    ///
    /// If no file gives the number of layers and heads, it is taken from the highest layer and head that are named.
    mutating func checkShape() throws {
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

    private var named: [Head] { foundColumns.flatMap { Array($0.values.keys) } }
}
