import CWeightKernels
import Foundation
import TensorCore
import XCTest

final class WeightKernelsUnpackingTests: XCTestCase {
    /// All blocks of the fixtures, with infinities, NaN and subnormal numbers, from every address modulo 4.
    func testEveryInstructionSetAgreesWithGGUFBitForBit() throws {
        for format in WeightFormat.allCases {
            let fixture = try WeightFixture(format)
            for (name, kernels) in allKernels() {
                for offset in 0...3 {
                    let bytes = [UInt8](repeating: 0xff, count: offset) + fixture.blocks
                    var weights = [Float](repeating: -7, count: fixture.expected.count + 1)
                    bytes.withUnsafeBytes {
                        kernels.unpack(
                            Int32(format.rawValue), $0.baseAddress! + offset, &weights, fixture.expected.count)
                    }
                    XCTAssertEqual(weights.removeLast(), -7, "\(format.name) with \(name) writes past the end")
                    XCTAssertNil(
                        firstDifference(weights, fixture.expected), "\(format.name) with \(name) from offset \(offset)")
                }
            }
        }
    }

    /// Every number of blocks up to 9, each ending where the next page must not be touched, and each beginning where
    /// the previous page must not be.
    func testNothingOutsideOfARowIsRead() throws {
        let page = Int(getpagesize())
        let memory = mmap(nil, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
        let pages = try XCTUnwrap(memory == MAP_FAILED ? nil : memory)
        defer { munmap(pages, 3 * page) }
        XCTAssertEqual(mprotect(pages, page, PROT_NONE), 0)
        XCTAssertEqual(mprotect(pages + 2 * page, page, PROT_NONE), 0)
        for format in WeightFormat.allCases {
            let fixture = try WeightFixture(format)
            for blocks in 1...9 where blocks * format.bytesPerBlock <= fixture.blocks.count {
                let bytes = fixture.blocks[..<(blocks * format.bytesPerBlock)]
                let count = blocks * format.weightsPerBlock
                let x = [Float](repeating: 1, count: count)
                for start in [page, 2 * page - bytes.count] {
                    bytes.withUnsafeBytes { (pages + start).copyMemory(from: $0.baseAddress!, byteCount: bytes.count) }
                    for (name, kernels) in allKernels() {
                        var weights = [Float](repeating: 0, count: count)
                        kernels.unpack(Int32(format.rawValue), pages + start, &weights, count)
                        XCTAssertNil(
                            firstDifference(weights, Array(fixture.expected[..<count])), "\(format.name) with \(name)")
                        var y: Float = -7
                        kernels.rows_dot_batch(
                            Int32(format.rawValue), pages + start, bytes.count, 1, count, x, 0, 1, &y, 0, nil)
                        XCTAssertNotEqual(y, -7, "\(format.name) with \(name)")
                    }
                }
            }
        }
    }

    func testInstructionSetIsOneThatTheProcessorHas() {
        let chosen = String(cString: headsteer_instruction_set())
        let names = allKernels().map(\.name)
        XCTAssertTrue(names.contains("portable"), "\(names)")
        // The best (last) one, unless the environment asks for another that there is.
        let wish = ProcessInfo.processInfo.environment["HEADSTEER_ISA"].flatMap { names.contains($0) ? $0 : nil }
        XCTAssertEqual(chosen, wish ?? names.last)
        XCTAssertNil(headsteer_kernels("abacus"))
        XCTAssertNil(headsteer_kernels(nil))
    }

    /// The functions without a choice of instruction set are those of the chosen one.
    func testPublicFunctionsUseTheChosenInstructionSet() throws {
        let chosen = String(cString: headsteer_instruction_set())
        let kernels = try XCTUnwrap(headsteer_kernels(chosen), chosen).pointee
        let matrix = try StoredMatrix(.q4_1, rows: 7, blocks: 5)
        let (format, n) = (Int32(matrix.format.rawValue), matrix.columns)
        let x = (0..<(2 * n)).map { Float($0 % 11) - 5 }
        var expected = [Float](repeating: 0, count: 14)
        var batch = expected
        var single = [Float](repeating: 0, count: 7)
        var weights = [Float](repeating: 0, count: n)
        matrix.bytes.withUnsafeBytes { bytes in
            let rows = bytes.baseAddress! + StoredMatrix.start
            kernels.rows_dot_batch(format, rows, matrix.rowBytes, 7, n, x, n, 2, &expected, 7, nil)
            headsteer_rows_dot_batch(format, rows, matrix.rowBytes, 7, n, x, n, 2, &batch, 7, nil)
            headsteer_rows_dot_batch(format, rows, matrix.rowBytes, 7, n, x, n, 1, &single, 7, nil)
            headsteer_unpack(format, rows, &weights, n)
        }
        XCTAssertNil(firstDifference(batch, expected))
        XCTAssertNil(firstDifference(single, Array(expected[..<7])))
        XCTAssertNil(firstDifference(weights, matrix.weights[0]))
    }
}
