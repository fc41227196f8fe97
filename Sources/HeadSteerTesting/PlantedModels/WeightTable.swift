import Checkpoints
import DataFiles

/// A matrix of weights under construction: row-major, [outputs, inputs] as in the file.
struct WeightTable {
    let rows: Int
    let columns: Int
    private(set) var values: [Float]

    init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        self.values = Array(repeating: 0, count: rows * columns)
    }

    subscript(row: Int, column: Int) -> Float {
        get { values[row * columns + column] }
        set { values[row * columns + column] = newValue }
    }

    /// Adds noise to the given part.
    mutating func addNoise(
        rows: some Sequence<Int>, columns: some Sequence<Int>, deviation: Double, from source: inout NoiseSource
    ) {
        for row in rows {
            for column in columns { self[row, column] += source.weight(deviation: deviation) }
        }
    }

    /// The tensor in half precision.
    func halfTensor(_ name: String) -> GGUFWriter.Tensor {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * 2)
        for value in values {
            let half = HalfPrecision.bits(of: value)
            bytes.append(UInt8(half & 0xFF))
            bytes.append(UInt8(half >> 8))
        }
        return GGUFWriter.Tensor(name: name, shape: [rows, columns], format: .f16, bytes: bytes)
    }
}

extension GGUFWriter.Tensor {
    /// A vector in single precision, which GGUF requires for the weights of norms.
    static func vector(_ name: String, _ values: [Float]) -> GGUFWriter.Tensor {
        let bytes = values.flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
        }
        return GGUFWriter.Tensor(name: name, shape: [values.count], format: .f32, bytes: bytes)
    }
}

/// IEEE 754 binary16, computed from bits, because `Float16` doesn't exist on every platform.
enum HalfPrecision {
    /// The half-precision number that equals `value`; all weights of the planted model are chosen to have one.
    static func bits(of value: Float) -> UInt16 {
        let sign = UInt16(value.bitPattern >> 16) & 0x8000
        guard value != 0 else { return sign }
        let exponent = Int((value.bitPattern >> 23) & 0xFF) - 127
        let fraction = value.bitPattern & 0x7F_FFFF
        precondition(
            (-14...15).contains(exponent) && fraction & 0x1FFF == 0, "A weight of the planted model is exact in a half."
        )
        return sign | UInt16(exponent + 15) << 10 | UInt16(fraction >> 13)
    }
}
