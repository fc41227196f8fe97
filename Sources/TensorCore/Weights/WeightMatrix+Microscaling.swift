import DataFiles

extension WeightMatrix {
    /// Copies a matrix in MXFP4 (OCP Microscaling Formats 1.0, 2023) whose blocks and scales are stored apart, as in
    /// safetensors files, into GGUF's order; O(bytes).
    ///
    /// A block is 32 numbers of four bits. In the source, numbers 2i and 2i + 1 share byte i, with the first one in its
    /// low half. In GGUF's order, numbers i and i + 16 share a byte, and the block follows its scale.
    ///
    /// - Parameters:
    ///   - blocks: [all rows, columns / 32, 16]
    ///   - scales: [all rows, columns / 32], the exponents of powers of two plus 127.
    ///   - rows: the rows to take, in this order.
    ///   - columns: a multiple of 32.
    /// - Precondition: the columns are whole blocks of 32, each block of 16 bytes has one scale, and all rows exist.
    public init(
        mxfp4Blocks blocks: UnsafeRawBufferPointer, scales: UnsafeRawBufferPointer, rows: StrideTo<Int>, columns: Int
    ) {
        precondition(columns > 0 && columns % 32 == 0, "\(columns) weights are no whole blocks of 32.")
        precondition(blocks.count == 16 * scales.count, "Each block of 16 bytes has one scale.")
        let blocksPerRow = columns / 32
        let rows = Array(rows)
        precondition(
            rows.allSatisfy { $0 >= 0 && ($0 + 1) * blocksPerRow <= scales.count },
            "There are \(scales.count / blocksPerRow) rows.")
        let bytes = OwnedBytes(count: rows.count * blocksPerRow * 17)
        var target = bytes.start.assumingMemoryBound(to: UInt8.self)
        for row in rows {
            for block in (row * blocksPerRow)..<((row + 1) * blocksPerRow) {
                target[0] = scales[block]
                for i in 0..<8 {
                    let first = blocks[16 * block + i]
                    let second = blocks[16 * block + 8 + i]
                    target[1 + 2 * i] = first & 0x0F | second << 4
                    target[2 + 2 * i] = first >> 4 | second & 0xF0
                }
                target += 17
            }
        }
        self.init(rows: rows.count, columns: columns, format: .mxfp4, bytes: bytes.buffer, owner: bytes)
    }
}
