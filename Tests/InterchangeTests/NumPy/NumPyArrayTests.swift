import Foundation
import Interchange
import XCTest
import _TestSupport

/// Arrays that NumPy wrote, against what it reads from them.
final class NumPyArrayTests: XCTestCase {
    private struct Expected: Decodable {
        var shape: [Int]
        var type: String
        var values: [Double]
    }

    static let folder = FixtureLocation.fixtures.appending(path: "interchange/npy")

    func testEveryTypeOrderAndVersion() throws {
        let expected = try JSONDecoder().decode(
            [String: Expected].self, from: Data(contentsOf: Self.folder.appending(path: "expected.json")))
        XCTAssertEqual(expected.count, 24)
        for (name, reference) in expected {
            let array = try NumPyArray(contentsOf: Self.folder.appending(path: "\(name).npy"))
            XCTAssertEqual(array.shape, reference.shape, name)
            XCTAssertEqual(array.elementType.description, reference.type, name)
            XCTAssertEqual(array.isFortranOrder, name.contains("fortran"), name)
            XCTAssertEqual(array.count, reference.values.count, name)
            XCTAssertEqual(array.values(), reference.values, name)
            guard let first = array.shape.first, first > 0 else { continue }
            XCTAssertEqual((0..<first).flatMap { array.values(at: $0) }, reference.values, "\(name), index by index")
        }
    }
}
