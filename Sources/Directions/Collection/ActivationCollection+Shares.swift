import Checkpoints
import DataFiles
import Foundation

/// Collecting on several machines: each writes a file of some of the texts, and the whole file is put together from
/// these.
extension ActivationCollection {
    /// The file of some of the texts, and which texts they are.
    public struct Share {
        /// The file, as ``ActivationCollection/write(to:workers:onProgress:isCancelled:)`` wrote it.
        public var url: URL
        /// The texts' numbers, ascending.
        public var texts: [Int]
        /// The collection that wrote it.
        public var collection: ActivationCollection

        /// A share of a collection.
        ///
        /// - Precondition: there is a number for each text of the collection.
        public init(_ url: URL, texts: [Int], collection: ActivationCollection) {
            precondition(collection.reading.texts.count == texts.count, "A share has a number for each of its texts.")
            self.url = url
            self.texts = texts
            self.collection = collection
        }
    }

    /// The numbers of the texts that each of `count` shares reads, dealt out in turn by length, so that all take about
    /// as long.
    public static func shares(_ count: Int, ofTextsWithLengths lengths: [Int]) -> [[Int]] {
        precondition(count > 0, "There is at least one share.")
        let order = lengths.indices.sorted { (lengths[$0], $0) < (lengths[$1], $1) }
        return (0..<count).map { share in
            stride(from: share, to: order.count, by: count).map { order[$0] }.sorted()
        }
    }

    /// Puts shares together into the same bytes as ``write(to:workers:onProgress:isCancelled:)`` writes by itself.
    ///
    /// - Parameter shares: together they hold all texts, each once.
    /// - Throws: `InputError` that names a file that is missing or doesn't hold its share's texts.
    /// - Complexity: O(values); memory for one text.
    public func write(to url: URL, from shares: [Share]) throws {
        let layers = reading.model.configuration.layers
        let file = try StreamedSafetensors(url, tensors: tensors, metadata: metadata)
        do {
            // Nothing is noted in the journal, whose parts are those of a collection on one machine.
            for share in shares {
                let stored = try SafetensorsFile(contentsOf: share.url)
                try share.check(stored)
                let offsets = share.collection.reading.rowOffsets
                for (index, text) in share.texts.enumerated() {
                    let rows = offsets[index]..<offsets[index + 1]
                    let row = reading.rowOffsets[text]
                    try copy(reading.site.fileName, rows, size: reading.rowSize, of: stored, to: row, of: file)
                    try copy("residual-norm-of-row", rows, size: layers, of: stored, to: row, of: file)
                    guard reading.positions == .all else { continue }
                    try file.write(rows.map { _ in Float(text) }, to: "example", at: row)
                    for name in ["position", "token"] { try copy(name, rows, size: 1, of: stored, to: row, of: file) }
                }
            }
        } catch {
            // What an earlier run on one machine has finished is of use to the next one.
            if file.finished.isEmpty { file.discard() } else { try file.suspend() }
            throw error
        }
        try complete(file)
    }

    private func copy(
        _ tensor: String, _ rows: Range<Int>, size: Int, of stored: SafetensorsFile, to row: Int,
        of file: StreamedSafetensors
    ) throws {
        guard let start = stored[tensor]?.range.lowerBound else { return }
        let values = withExtendedLifetime(stored) {
            (rows.lowerBound * size..<rows.upperBound * size).map { index in
                Float(
                    bitPattern: UInt32(
                        littleEndian: stored.file.bytes.loadUnaligned(
                            fromByteOffset: start + 4 * index, as: UInt32.self)))
            }
        }
        try file.write(values, to: tensor, at: row * size)
    }
}

extension ActivationCollection.Share {
    /// - Throws: `InputError` if the file isn't the one that the share's collection writes.
    fileprivate func check(_ file: SafetensorsFile) throws {
        // The date is in the tokens if the chat template writes it.
        let wanted = collection.metadata.filter { $0.key != "date" }
        let own = file.metadata.filter { $0.key != "date" }
        if let key = Set(wanted.keys).union(own.keys).sorted().first(where: { wanted[$0] != own[$0] }) {
            throw InputError.badData(
                "activations of other texts", in: "\(file.file.path): metadata \(key)",
                remedy: "run the shard again in an empty folder")
        }
        for tensor in collection.tensors
        where file[tensor.name].map({ $0.shape != tensor.shape || $0.type != "F32" }) ?? true {
            throw InputError(
                .missingPart, "no float32 tensor of the shape \(tensor.shape)",
                in: "\(file.file.path): \(tensor.name)",
                remedy: "run the shard again in an empty folder")
        }
    }
}
