import CWeightKernels
import DataFiles

/// Lower triangular matrices of one size, rounded to 8 bits, each to be multiplied by a vector: with them a whole
/// covariance can whiten a few thousand values while a token is computed.
///
/// A matrix is kept in the format Q8_0 (groups of 32 values of a row with a binary16 scale), in bands of 32 rows that
/// end with the diagonal of their last row, and is packed as weights are. A product's time goes into reading memory,
/// and Q8_0 takes about half of the bytes of binary16 and about a quarter of those of float32. Vectors are rounded to
/// 24 bits. The bits of a product are the same with every instruction set.
public struct TriangularMatrices: Sendable {
    /// D, the number of rows and columns.
    public let size: Int
    /// The number of matrices.
    public let count: Int
    /// D rounded up to whole groups.
    private let paddedSize: Int
    private let bytesPerMatrix: Int
    private let memory: PackedMemory

    private static let group = 32
    private static let blockBytes = 34
    private static let format = WeightFormat.q8_0

    /// The memory that the products of one thread need.
    public final class Scratch {
        private let buffers: [FloatBuffer]
        // The addresses of the buffers, which are read thousands of times for each token.
        fileprivate let x: UnsafeMutablePointer<Float>
        fileprivate let y: UnsafeMutablePointer<Float>
        fileprivate let codes: UnsafeMutablePointer<Int8>
        fileprivate let groups: UnsafeMutablePointer<headsteer_group>
        fileprivate let strip: UnsafeMutablePointer<Float>

        /// - Parameter size: D.
        public init(size: Int) {
            let padded = TriangularMatrices.padded(size)
            let groupFloats =
                padded / TriangularMatrices.group * MemoryLayout<headsteer_group>.stride / MemoryLayout<Float>.stride
            let stripFloats = headsteer_panels_scratch(padded) / MemoryLayout<Float>.stride + 16
            buffers = [padded, padded, padded, groupFloats, stripFloats].map { FloatBuffer(capacity: $0) }
            x = buffers[0].pointer
            y = buffers[1].pointer
            codes = UnsafeMutableRawPointer(buffers[2].pointer).assumingMemoryBound(to: Int8.self)
            groups = UnsafeMutableRawPointer(buffers[3].pointer).assumingMemoryBound(to: headsteer_group.self)
            strip = buffers[4].pointer
            x.update(repeating: 0, count: padded)
        }
    }

    private static func padded(_ size: Int) -> Int { (size + group - 1) / group * group }

    /// Rounds and packs matrices; values above the diagonal are ignored.
    ///
    /// - Parameters:
    ///   - size: D, at least 1.
    ///   - values: those of all matrices, row-major, [count, D, D]; finite and below 65,000.
    /// - Returns: nil if the system has no memory for them.
    /// - Precondition: a size of 1 or more, and size × size values for each matrix.
    public init?(size: Int, _ values: [Float]) {
        precondition(
            size >= 1 && values.count.isMultiple(of: size * size), "Triangular matrices have size × size values each.")
        self.size = size
        count = values.count / (size * size)
        paddedSize = Self.padded(size)
        var bytes = 0
        for end in stride(from: Self.group, through: paddedSize, by: Self.group) {
            bytes += 2 * headsteer_panel_bytes(Int32(Self.format.rawValue), end)
        }
        bytesPerMatrix = bytes
        guard let memory = PackedMemory(bytes: bytes * count) else { return nil }
        self.memory = memory
        let rowBytes = paddedSize / Self.group * Self.blockBytes
        var rows = [UInt8](repeating: 0, count: Self.group * rowBytes)
        for matrix in 0..<count {
            var target = memory.start + matrix * bytesPerMatrix
            for start in stride(from: 0, to: paddedSize, by: Self.group) {
                let end = start + Self.group
                let panelBytes = headsteer_panel_bytes(Int32(Self.format.rawValue), end)
                rows.withUnsafeMutableBytes { rows in
                    guard let base = rows.baseAddress else { return }
                    rows.initializeMemory(as: UInt8.self, repeating: 0)
                    for row in start..<min(end, size) {
                        let first = matrix * size * size + row * size
                        Self.round(
                            values[first...(first + row)], groups: end / Self.group,
                            into: base + (row - start) * rowBytes)
                    }
                    for half in 0..<2 {
                        headsteer_pack(
                            Int32(Self.format.rawValue), base + half * 16 * rowBytes, rowBytes, 16, end, target)
                        target += panelBytes
                    }
                }
            }
        }
    }

    /// Rounds a row's values to blocks of Q8_0; missing values become zeros.
    private static func round(_ values: ArraySlice<Float>, groups: Int, into row: UnsafeMutableRawPointer) {
        for index in 0..<groups {
            let start = values.startIndex + index * group
            let own = start < values.endIndex ? values[start..<min(start + group, values.endIndex)] : []
            let (scale, codes) = rounded(own)
            let block = row + index * blockBytes
            block.storeBytes(of: scale.littleEndian, as: UInt16.self)
            for (place, code) in codes.enumerated() {
                block.storeBytes(of: code, toByteOffset: 2 + place, as: Int8.self)
            }
        }
    }

    /// Up to 32 values as whole numbers times a scale, which is returned as binary16 bits: the largest magnitude
    /// becomes 127.
    static func rounded(_ values: ArraySlice<Float>) -> (scale: UInt16, codes: [Int8]) {
        let largest = values.reduce(0) { max($0, abs($1)) }
        var bits: UInt16 = 0
        withUnsafeMutablePointer(to: &bits) { bits in
            withUnsafePointer(to: largest / 127) { WeightFormat.f16.round($0, count: 1, into: bits) }
        }
        let scale = HalfPrecision.float(fromBinary16: bits)
        guard scale > 0 else { return (0, values.map { _ in 0 }) }
        return (bits, values.map { Int8(max(-127, min(127, ($0 / scale).rounded()))) })
    }

    /// y ← A x for one of the matrices A.
    ///
    /// - Parameters:
    ///   - x: [D].
    ///   - y: room for D values.
    public func multiply(
        _ matrix: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, scratch: Scratch
    ) {
        scratch.x.update(from: x, count: size)
        headsteer_round(scratch.x, paddedSize, Int32(Self.planes), scratch.codes, scratch.groups)
        let vector = headsteer_rounded(codes: scratch.codes, groups: scratch.groups, planes: Int32(Self.planes))
        var panels = UnsafeRawPointer(memory.start) + matrix &* bytesPerMatrix
        var start = 0
        while start < paddedSize {
            let end = start &+ Self.group
            headsteer_panels_dot(
                Int32(Self.format.rawValue), panels, Self.group, end, vector, 1, scratch.y + start, paddedSize,
                scratch.strip)
            panels += 2 &* headsteer_panel_bytes(Int32(Self.format.rawValue), end)
            start = end
        }
        y.update(from: scratch.y, count: size)
    }

    private static let planes = 3
}
