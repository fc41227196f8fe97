import DataFiles
import Foundation
import HeadSteerSwiftTesting
import HeadSteerTesting
import Opening
import Testing
import XCTest
import _TestSupport

final class SharedModelTests: XCTestCase {
    /// However many ask at once, the model is opened once.
    func testOpenedOnce() async throws {
        let pools = try await withThrowingTaskGroup(of: ObjectIdentifier.self) { group in
            for _ in 0..<8 { group.addTask { ObjectIdentifier(try SharedModel.planted.open().workers) } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        XCTAssertEqual(pools.count, 1)
        // The same file by another name.
        let folder = PlantedModel.folder
        let other = SharedModel(folder.appending(path: "../planted/planted.gguf"), remedy: "")
        XCTAssertTrue(pools.contains(ObjectIdentifier(try other.open().workers)))
    }

    func testAModelThatIsNotThere() throws {
        XCTAssertNil(SharedModel.planted.reasonToSkip)
        let missing = SharedModel(URL(filePath: "/nowhere/model.gguf"), remedy: "fetch it")
        XCTAssertEqual(missing.reasonToSkip, "model.gguf isn't there; fetch it")
        XCTAssertThrowsError(try missing.open())
        let unset = SharedModel(environment: "HEADSTEER_TEST_UNSET")
        XCTAssertEqual(
            unset.reasonToSkip,
            "the model of HEADSTEER_TEST_UNSET isn't there; set HEADSTEER_TEST_UNSET to a model's path")
        XCTAssertThrowsError(try unset.open()) { XCTAssertEqual(($0 as? InputError)?.kind, .missingFile, "\($0)") }
    }

    /// A model that is there and broken isn't skipped.
    func testABrokenModel() throws {
        let file = try makeTemporaryFolder().appending(path: "broken.gguf")
        try Data("GGUF".utf8).write(to: file)
        let broken = SharedModel(file, remedy: "")
        XCTAssertNil(broken.reasonToSkip)
        XCTAssertThrowsError(try broken.open()) { XCTAssertTrue($0 is InputError, "\($0)") }
    }
}

@Suite(.model(.planted))
struct SharedModelTraitTests {
    @Test func theModelIsTheSharedOne() throws {
        #expect(try TextModel.shared.workers === SharedModel.planted.open().workers)
    }

    @Test(.model(SharedModel(URL(filePath: "/nowhere/model.gguf"), remedy: "fetch it")))
    func aMissingModelSkips() { Issue.record("the test ran without its model") }
}

@Test func withoutTheTraitThereIsNoModel() { #expect(throws: InputError.self) { try TextModel.shared } }
