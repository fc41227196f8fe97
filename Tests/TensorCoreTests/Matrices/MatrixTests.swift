import TensorCore
import XCTest

final class MatrixTests: XCTestCase {
    func testElementsLieRowAfterRow() {
        var matrix = Matrix(rows: 2, columns: 3, elements: [1, 2, 3, 4, 5, 6])
        XCTAssertEqual(matrix[1, 0], 4)
        XCTAssertEqual(Array(matrix.row(1)), [4, 5, 6])
        matrix[0, 2] = 9
        XCTAssertEqual(matrix.elements, [1, 2, 9, 4, 5, 6])
        XCTAssertEqual(Matrix(rows: 2, columns: 2), Matrix(rows: 2, columns: 2, elements: [0, 0, 0, 0]))
        XCTAssertEqual(Array(Matrix(rows: 2, columns: 0).row(1)), [])
    }

    func testCopiesAreIndependent() {
        let original = Matrix(rows: 1, columns: 2, elements: [1, 2])
        var copy = original
        copy[0, 0] = 7
        XCTAssertEqual(original.elements, [1, 2])
        XCTAssertEqual(copy.elements, [7, 2])
    }

    func testFloatBufferGrowsAndKeepsItsPlaceWhereItIsLargeEnough() {
        let buffer = FloatBuffer(capacity: 4)
        let first = buffer.reserve(4)
        XCTAssertEqual(buffer.reserve(2), first)
        XCTAssertEqual(buffer.capacity, 4)
        let larger = buffer.reserve(1000)
        XCTAssertEqual(buffer.capacity, 1000)
        larger.update(repeating: 3, count: 1000)
        XCTAssertEqual(buffer.pointer[999], 3)
        XCTAssertEqual(UInt(bitPattern: larger) % 64, 0, "aligned for vector loads")
    }
}
