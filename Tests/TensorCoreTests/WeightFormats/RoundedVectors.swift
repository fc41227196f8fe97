import CWeightKernels
import DataFiles
import TensorCore
import XCTest

/// Vectors rounded to whole numbers in planes of bytes, by the kernels of plain C.
struct RoundedVectors {
    let count: Int
    let size: Int
    let planes: Int
    private(set) var codes: [Int8]
    private(set) var groups: [headsteer_group]

    init(count: Int, size: Int, planes: Int, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        self.init((0..<(count * size)).map { _ in Float(random.gaussian()) }, count: count, planes: planes)
    }

    /// - Parameter values: [count, size]
    init(_ values: [Float], count: Int, planes: Int, kernels: headsteer_kernels? = nil) {
        self.count = count
        self.planes = planes
        size = values.count / count
        codes = [Int8](repeating: 77, count: values.count * planes)
        groups = [headsteer_group](repeating: headsteer_group(), count: values.count / 32)
        (kernels ?? headsteer_kernels("portable").pointee).round(values, values.count, Int32(planes), &codes, &groups)
    }

    /// The whole number that a value has become.
    func number(_ index: Int) -> Int {
        let first = index / 32 * 32 * planes + index % 32
        return (0..<planes).reduce(0) { $0 * 256 + Int(codes[first + 32 * $1]) }
    }

    /// The value that a number stands for.
    func value(_ index: Int) -> Double { Double(number(index)) * Double(groups[index / 32].scale) }

    /// [count][rows]: sums in double precision, and bounds of what float32 may deviate from them: each part of a group goes through
    /// a few roundings of its own and one for each part after it.
    func products(_ matrix: StoredMatrix) -> (sums: [Double], bounds: [Double]) {
        var sums: [Double] = []
        var bounds: [Double] = []
        for vector in 0..<count {
            for row in matrix.weights {
                var sum = 0.0
                var magnitude = 0.0
                for i in 0..<size {
                    let x = value(vector * size + i)
                    sum += Double(row[i]) * x
                    magnitude += (abs(Double(row[i])) + 1) * abs(x)
                }
                sums.append(sum)
                bounds.append(magnitude * Double(size / 8 + 6) * 16 * 0x1p-24)
            }
        }
        return (sums, bounds)
    }

    /// [vectors][rows]: what kernels compute for ranges of rows, which begin at a multiple of 16, and vectors. Fails where they write
    /// outside.
    func run(_ kernels: headsteer_kernels, _ matrix: StoredMatrix, rows: Range<Int>, vectors: Range<Int>) -> [Float] {
        let format = Int32(matrix.format.rawValue)
        let panelBytes = headsteer_panel_bytes(format, size)
        let panels = UnsafeMutableRawBufferPointer.allocate(
            byteCount: (matrix.rows + 15) / 16 * panelBytes, alignment: 64)
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: headsteer_panels_scratch(size), alignment: 64)
        defer {
            panels.deallocate()
            scratch.deallocate()
        }
        scratch.initializeMemory(as: UInt8.self, repeating: 0xff)
        matrix.bytes.withUnsafeBytes { bytes in
            for row in stride(from: 0, to: matrix.rows, by: 16) {
                headsteer_pack(
                    format, bytes.baseAddress! + StoredMatrix.start + row * matrix.rowBytes, matrix.rowBytes,
                    min(16, matrix.rows - row), size, panels.baseAddress! + row / 16 * panelBytes)
            }
        }
        let yStride = rows.count + 2
        var y = [Float](repeating: -7, count: vectors.count * yStride)
        codes.withUnsafeBufferPointer { codes in
            groups.withUnsafeBufferPointer { groups in
                let x = headsteer_rounded(
                    codes: codes.baseAddress! + vectors.lowerBound * size * planes,
                    groups: groups.baseAddress! + vectors.lowerBound * size / 32, planes: Int32(planes))
                kernels.panels_dot(
                    format, panels.baseAddress! + rows.lowerBound / 16 * panelBytes, rows.count, size, x, vectors.count,
                    &y,
                    yStride, scratch.baseAddress!)
            }
        }
        for vector in 0..<vectors.count {
            let gap = y[(vector * yStride + rows.count)..<((vector + 1) * yStride)]
            XCTAssertEqual(Array(gap), [-7, -7], "\(matrix.format.name): written between the vectors of results")
        }
        return (0..<vectors.count).flatMap { y[($0 * yStride)..<($0 * yStride + rows.count)] }
    }
}
