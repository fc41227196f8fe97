import TensorCore

/// The type of a stored tensor's elements: a format of weights that products can be computed with, or any other type
/// that model files contain.
public struct TensorType: Sendable, Hashable {
    /// The name as model files and tools write it: `Q4_K`, `I64`, `F8_E4M3`; `type 57` for a number that ggml has no
    /// type for.
    public let name: String
    /// The format of elements that can be used as weights; nil for all other types.
    public let weightFormat: WeightFormat?
    /// The number of the type in GGUF files; nil for a safetensors type that isn't for weights.
    public let ggmlNumber: UInt32?
    /// How many elements are stored together in how many bytes; nil if that isn't known.
    let block: Block?

    /// A group of elements that are stored together.
    struct Block: Sendable, Hashable {
        var elements: Int
        var bytes: Int
    }

    /// The type of weights in this format.
    public init(_ format: WeightFormat) {
        name = format.name
        weightFormat = format
        ggmlNumber = format.rawValue
        block = Block(elements: format.weightsPerBlock, bytes: format.bytesPerBlock)
    }

    private init(name: String, ggmlNumber: UInt32?, block: Block?) {
        self.name = name
        self.ggmlNumber = ggmlNumber
        self.block = block
        weightFormat = nil
    }

    /// The size of `count` elements in bytes; nil if they aren't whole blocks, the size exceeds `Int`, or this type's
    /// blocks aren't known.
    func byteCount(_ count: Int) -> Int? {
        guard let block, count >= 0, count % block.elements == 0 else { return nil }
        let (bytes, overflows) = (count / block.elements).multipliedReportingOverflow(by: block.bytes)
        return overflows ? nil : bytes
    }
}

// MARK: - GGUF

extension TensorType {
    /// The type with this number in GGUF files.
    init(ggmlNumber number: UInt32) {
        if let format = WeightFormat(rawValue: number) {
            self.init(format)
        } else if let type = Self.ggmlTypes[number] {
            self.init(name: type.name, ggmlNumber: number, block: type.block)
        } else {
            self.init(name: "type \(number)", ggmlNumber: number, block: nil)
        }
    }

    /// ggml's types that are not a `WeightFormat`. Those without a block were removed from ggml.
    private static let ggmlTypes: [UInt32: (name: String, block: Block?)] = [
        4: ("Q4_2", nil), 5: ("Q4_3", nil),
        9: ("Q8_1", Block(elements: 32, bytes: 36)), 15: ("Q8_K", Block(elements: 256, bytes: 292)),
        24: ("I8", Block(elements: 1, bytes: 1)), 25: ("I16", Block(elements: 1, bytes: 2)),
        26: ("I32", Block(elements: 1, bytes: 4)), 27: ("I64", Block(elements: 1, bytes: 8)),
        28: ("F64", Block(elements: 1, bytes: 8)),
        31: ("Q4_0_4_4", nil), 32: ("Q4_0_4_8", nil), 33: ("Q4_0_8_8", nil),
        36: ("IQ4_NL_4_4", nil), 37: ("IQ4_NL_4_8", nil), 38: ("IQ4_NL_8_8", nil),
        40: ("NVFP4", Block(elements: 64, bytes: 36)), 41: ("Q1_0", Block(elements: 128, bytes: 18)),
        42: ("Q2_0", Block(elements: 64, bytes: 18)),
    ]
}

// MARK: - Safetensors

extension TensorType {
    /// The type with this name in safetensors; nil if the format has none.
    init?(safetensors name: String) {
        if let format = Self.safetensorsWeights[name] {
            self.init(format)
        } else if let block = Self.safetensorsBlocks[name] {
            self.init(name: name, ggmlNumber: nil, block: block)
        } else {
            return nil
        }
    }

    private static let safetensorsWeights: [String: WeightFormat] = ["F32": .f32, "F16": .f16, "BF16": .bf16]

    /// The other types of the reference implementation (safetensors 0.8).
    private static let safetensorsBlocks: [String: Block] = [
        "BOOL": Block(elements: 1, bytes: 1), "F4": Block(elements: 2, bytes: 1),
        "F6_E2M3": Block(elements: 4, bytes: 3), "F6_E3M2": Block(elements: 4, bytes: 3),
        "U8": Block(elements: 1, bytes: 1), "I8": Block(elements: 1, bytes: 1),
        "F8_E5M2": Block(elements: 1, bytes: 1), "F8_E4M3": Block(elements: 1, bytes: 1),
        "F8_E8M0": Block(elements: 1, bytes: 1), "F8_E4M3FNUZ": Block(elements: 1, bytes: 1),
        "F8_E5M2FNUZ": Block(elements: 1, bytes: 1), "I16": Block(elements: 1, bytes: 2),
        "U16": Block(elements: 1, bytes: 2), "I32": Block(elements: 1, bytes: 4),
        "U32": Block(elements: 1, bytes: 4), "C64": Block(elements: 1, bytes: 8),
        "F64": Block(elements: 1, bytes: 8), "I64": Block(elements: 1, bytes: 8),
        "U64": Block(elements: 1, bytes: 8),
    ]
}
