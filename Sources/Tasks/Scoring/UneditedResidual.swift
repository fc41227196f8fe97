import DataFiles
import TensorCore
import Transformer

/// The residual stream of unedited passes over some texts, before some blocks.
///
/// Up to the first block that its edits affect, an edited pass is the same as the unedited one, and it can start at
/// that block. So the first pass keeps the residual stream that it computes up to there, and no later pass computes it
/// again.
///
/// Memory: 4 · M bytes for each token and block.
struct UneditedResidual {
    /// The default maximum number of bytes: 256 MB.
    static let bytes = 1 << 28

    /// The blocks before which the residual stream is kept, in order: 1 ..< L, or every n-th block if all would take
    /// too much.
    let blocks: [Int]
    /// The number of bytes once everything is known.
    let bytes: Int
    private let width: Int
    /// The number of each text's tokens.
    private let lengths: [Int]
    /// [text][block]: the rows, [tokens, M]; empty if they aren't known yet.
    private var rows: [[[Float]]]

    /// Makes an empty store.
    ///
    /// - Parameters:
    ///   - lengths: the number of tokens in each text.
    ///   - most: the maximum number of bytes.
    init(lengths: [Int], _ c: ModelConfiguration, most: Int = UneditedResidual.bytes) {
        let blockBytes = 4 * c.width * lengths.reduce(0, +)
        let room = blockBytes > 0 ? max(most, 0) / blockBytes : 0
        let step = room > 0 ? max(1, (c.layers - 1 + room - 1) / room) : c.layers
        blocks = Array(stride(from: step, to: c.layers, by: step))
        bytes = blocks.count * blockBytes
        width = c.width
        self.lengths = lengths
        rows = []
        forget()
    }

    /// The blocks up to `first` before which all rows of some texts are known; 0 is always among them.
    func known(of texts: [Int], upTo first: Int) -> Set<Int> {
        let known = blocks.indices.filter { block in
            blocks[block] <= first && texts.allSatisfy { isKnown($0, block) }
        }
        return Set(known.map { blocks[$0] }).union([0])
    }

    /// The blocks before which a pass can keep rows that aren't known yet, if it starts at the block `start` and is
    /// unedited up to the block `last`.
    func wanted(of texts: [Int], from start: Int, upTo last: Int) -> [Int] {
        blocks.indices.filter { block in
            blocks[block] > start && blocks[block] <= last && texts.contains { !isKnown($0, block) }
        }.map { blocks[$0] }
    }

    /// Keeps a text's rows before some blocks, unless they are only part of the text.
    ///
    /// - Parameter values: the rows for each of `blocks`, [tokens · M].
    mutating func keep(_ text: Int, before blocks: [Int], _ values: [[Float]]) {
        for (block, values) in zip(blocks, values) where values.count == lengths[text] * width {
            if let index = self.blocks.firstIndex(of: block) { rows[text][index] = values }
        }
    }

    /// Forgets all rows, because the texts no longer continue from the same states.
    mutating func forget() { rows = lengths.map { _ in blocks.map { _ in [] } } }

    /// A text's rows before a block.
    ///
    /// - Precondition: the rows are known.
    func rows(of text: Int, _ range: Range<Int>, before block: Int) -> Matrix {
        guard let index = blocks.firstIndex(of: block), isKnown(text, index) else {
            preconditionFailure("A pass can only continue from a block before which the residual stream was kept.")
        }
        return Matrix(
            rows: range.count, columns: width,
            elements: Array(rows[text][index][range.lowerBound * width..<range.upperBound * width]))
    }

    private func isKnown(_ text: Int, _ block: Int) -> Bool { lengths[text] == 0 || !rows[text][block].isEmpty }
}
