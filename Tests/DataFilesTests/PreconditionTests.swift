import Foundation
import XCTest
import _TestSupport

final class PreconditionTests: XCTestCase {
    /// Swift's own `precondition` says nothing in a release build: files that call it import the module whose function of
    /// this name does.
    func testEveryFileUsesTheOneThatPrints() throws {
        let sources = FixtureLocation.fixtures.deletingLastPathComponent().appending(path: "Sources")
        var checked = 0
        let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
        for case let file as URL in try XCTUnwrap(files) where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            guard text.contains(/\bprecondition(Failure)?\(/), !file.path.contains("/DataFiles/") else { continue }
            checked += 1
            XCTAssertTrue(
                text.contains(/(?m)^import (DataFiles|HeadSteer)$/),
                "\(file.lastPathComponent) calls precondition and imports neither DataFiles nor HeadSteer")
        }
        XCTAssertGreaterThan(checked, 50)
    }
}
