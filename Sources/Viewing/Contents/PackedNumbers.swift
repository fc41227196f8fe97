import Foundation

/// Packs numbers into one or two bytes each, in base64.
enum PackedNumbers {
    /// Packs rows of numbers into 16 bits each, little-endian, with a scale for each row: number = scale · packed.
    static func wide(_ rows: [[Double]]) -> (packed: String, scales: [Double]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(rows.reduce(0) { $0 + 2 * $1.count })
        let scales = rows.map { row in
            let scale = Self.scale(row, most: 32767)
            for value in row {
                let packed = UInt16(bitPattern: Int16(clamping: Int((value / scale).rounded())))
                bytes.append(UInt8(truncatingIfNeeded: packed))
                bytes.append(UInt8(truncatingIfNeeded: packed >> 8))
            }
            return scale
        }
        return (Data(bytes).base64EncodedString(), scales)
    }

    /// Packs rows in the same way into 8 bits each.
    static func narrow(_ rows: [[Double]]) -> (packed: String, scales: [Double]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(rows.reduce(0) { $0 + $1.count })
        let scales = rows.map { row in
            let scale = Self.scale(row, most: 127)
            for value in row {
                bytes.append(UInt8(bitPattern: Int8(clamping: Int((value / scale).rounded()))))
            }
            return scale
        }
        return (Data(bytes).base64EncodedString(), scales)
    }

    /// Packs shares from 0 to 1 into 8 bits each: share = packed / 255.
    static func shares(_ values: some Sequence<Float>) -> String {
        Data(values.map { UInt8(clamping: Int(($0 * 255).rounded())) }).base64EncodedString()
    }

    /// A row's scale, rounded up to a few digits, so that no packed number exceeds `most`.
    private static func scale(_ row: [Double], most: Double) -> Double {
        let largest = row.reduce(0) { max($0, abs($1)) } / most
        return largest > 0 && largest.isFinite ? (largest * 1.00001).rounded(digits: 6) : 1
    }
}
