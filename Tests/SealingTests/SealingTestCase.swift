import Crypto
import DataFiles
import Foundation
import XCTest
import _TestSupport

@testable import Sealing

class SealingTestCase: XCTestCase {
    let folder = FileManager.default.temporaryDirectory.appending(
        path: "sealing-\(UUID().uuidString)", directoryHint: .isDirectory)

    override func setUpWithError() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    override func tearDownWithError() throws { try FileManager.default.removeItem(at: folder) }

    static let reference = FixtureLocation.fixtures.appending(path: "sealing/reference.sealed")
    static let contents: [(String, Data)] = [
        ("config.json", Data("{\"a\": 1}".utf8)), ("empty", Data()),
        ("weights é.bin", Data((0..<200).flatMap { Array(SHA256.hash(data: [UInt8($0)])) })),
    ]

    static func key() throws -> SealingKey {
        try SealingKey(contentsOf: FixtureLocation.fixtures.appending(path: "sealing/key.hex"))
    }

    /// A file with some bytes.
    func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> MappedFile {
        let url = folder.appending(path: name)
        try Data(bytes).write(to: url)
        return try MappedFile(contentsOf: url)
    }

    /// Opens bytes as a sealed model.
    func open(_ bytes: [UInt8], threads: Int = 2) throws -> SealedModel {
        try SealedModel(file("changed", bytes), key: Self.key(), threads: threads)
    }

    /// Makes sure that bytes are refused as bad data.
    func assertRefused(
        _ bytes: [UInt8], saying words: String = "", _ what: String, file: StaticString = #filePath, line: UInt = #line
    ) throws {
        do {
            let model = try open(bytes)
            XCTFail("\(what): opened with \(model.names)", file: file, line: line)
        } catch let error as InputError {
            XCTAssertEqual(error.kind.general, .badData, "\(what): \(error)", file: file, line: line)
            XCTAssertTrue(
                words.isEmpty || error.description.contains(words), "\(what): \(error)", file: file, line: line)
        }
    }
}
