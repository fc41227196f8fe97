/// The bytes of one block, with accessors for the fields that blocks consist of.
struct BlockBytes {
    let bytes: UnsafeRawBufferPointer

    /// The byte at `offset`.
    func byte(_ offset: Int) -> Int { Int(bytes[offset]) }

    /// The byte at `offset`, as a signed number.
    func signedByte(_ offset: Int) -> Int { Int(Int8(bitPattern: bytes[offset])) }

    /// The 16-bit integer at `offset`, which needn't be aligned.
    func uint16(_ offset: Int) -> UInt16 {
        UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    /// The 32-bit word at `offset`, which needn't be aligned.
    func uint32(_ offset: Int) -> Int { Int(uint16(offset)) | Int(uint16(offset + 2)) << 16 }

    /// The half-precision number at `offset`.
    func half(_ offset: Int) -> Float { HalfPrecision.float(fromBinary16: uint16(offset)) }

    /// `count` bits of the byte at `offset`, starting at bit `shift`.
    func bits(_ count: Int, of offset: Int, from shift: Int) -> Int { byte(offset) >> shift & ((1 << count) - 1) }

    /// Nibble `i` of the `count` bytes at `offset`: first all low halves, then all high halves.
    func nibble(_ i: Int, of count: Int, at offset: Int) -> Int {
        bits(4, of: offset + i % count, from: i / count * 4)
    }

    /// Scale and minimum `s` (0…7) from the 12 bytes at offset 4 of a ``WeightFormat/q4_K`` or ``WeightFormat/q5_K``
    /// block.
    func sixBitScaleAndMinimum(_ s: Int) -> (scale: Float, minimum: Float) {
        let start = 4
        if s < 4 {
            return (Float(bits(6, of: start + s, from: 0)), Float(bits(6, of: start + 4 + s, from: 0)))
        }
        let scale = bits(4, of: start + 4 + s, from: 0) | bits(2, of: start + s - 4, from: 6) << 4
        let minimum = bits(4, of: start + 4 + s, from: 4) | bits(2, of: start + s, from: 6) << 4
        return (Float(scale), Float(minimum))
    }
}
