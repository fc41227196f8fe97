import DataFiles
import Foundation
import XCTest
import _TestSupport

final class MappedFileTests: XCTestCase {
    func testBytes() throws {
        let folder = try makeTemporaryFolder()
        let url = folder.appending(path: "data ü")
        let data = Data((0..<10_000).map { UInt8($0 % 251) })
        try data.write(to: url)
        let file = try MappedFile(contentsOf: url)
        XCTAssertEqual(file.count, 10_000)
        XCTAssertEqual(Data(file.bytes), data)
        try FileManager.default.removeItem(at: url)
        XCTAssertEqual(file.bytes[9_999], data[9_999], "the map outlives the name")
    }

    func testEmptyFile() throws {
        let url = try makeTemporaryFolder().appending(path: "empty")
        try Data().write(to: url)
        let file = try MappedFile(contentsOf: url)
        XCTAssertEqual(file.count, 0)
        XCTAssertEqual(file.bytes.count, 0)
    }

    func testWhatCannotBeMapped() throws {
        let folder = try makeTemporaryFolder()
        XCTAssertThrowsError(try MappedFile(contentsOf: folder.appending(path: "none"))) { error in
            XCTAssertEqual((error as? InputError)?.kind.general, .missingFile, "\(error)")
        }
        XCTAssertThrowsError(try MappedFile(contentsOf: folder)) { error in
            XCTAssertEqual((error as? InputError)?.kind.general, .badData, "\(error)")
            XCTAssertTrue("\(error)".contains(folder.lastPathComponent), "\(error)")
        }
        let pipe = folder.appending(path: "pipe")
        XCTAssertEqual(mkfifo(pipe.path, 0o600), 0)
        XCTAssertThrowsError(try MappedFile(contentsOf: pipe), "a pipe that nobody writes to") { error in
            XCTAssertEqual((error as? InputError)?.kind.general, .badData, "\(error)")
        }
        XCTAssertThrowsError(try MappedFile(contentsOf: URL(filePath: "/dev/null"))) { error in
            XCTAssertEqual((error as? InputError)?.kind.general, .badData, "\(error)")
        }
    }

    /// Pipes that nobody writes to and devices without an end, by a link in a folder from anywhere: nothing waits for them.
    func testPipesAndDevicesAreNoSmallFiles() throws {
        let folder = try makeTemporaryFolder()
        let pipe = folder.appending(path: "config.json")
        XCTAssertEqual(mkfifo(pipe.path, 0o600), 0)
        let zeros = folder.appending(path: "tokenizer.json")
        try FileManager.default.createSymbolicLink(atPath: zeros.path, withDestinationPath: "/dev/zero")
        for url in [pipe, zeros] {
            for read in [{ _ = try JSONObject(contentsOf: url) }, { _ = try MappedFile.contents(of: url) }] {
                XCTAssertThrowsError(try read(), url.path) {
                    XCTAssertTrue("\($0)".contains("no regular file"), "\($0)")
                }
            }
        }
    }
}
