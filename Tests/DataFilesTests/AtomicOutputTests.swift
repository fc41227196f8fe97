import DataFiles
import Foundation
import XCTest
import _TestSupport

final class AtomicOutputTests: XCTestCase {
    private struct Broken: Error {}

    private func names(_ folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    func testWritesAndReplaces() throws {
        let folder = try makeTemporaryFolder()
        let url = folder.appending(path: "report with spaces ä.json")
        try AtomicOutput.write(Data("first".utf8), to: url)
        try AtomicOutput.write(to: url) { file in
            try file.write(contentsOf: Data("sec".utf8))
            try file.write(contentsOf: Data("ond".utf8))
        }
        XCTAssertEqual(try String(contentsOf: url, encoding: .utf8), "second")
        XCTAssertEqual(try names(folder), ["report with spaces ä.json"])
    }

    /// A path as a command line gives it.
    func testRelativePath() throws {
        let folder = try makeTemporaryFolder()
        let manager = FileManager.default
        let before = manager.currentDirectoryPath
        XCTAssertTrue(manager.changeCurrentDirectoryPath(folder.path))
        defer { _ = manager.changeCurrentDirectoryPath(before) }
        try AtomicOutput.write(Data("a".utf8), to: URL(filePath: "plan.json"))
        try manager.createDirectory(atPath: "sub", withIntermediateDirectories: false)
        try AtomicOutput.write(Data("b".utf8), to: URL(filePath: "sub/../sub/plan.json"))
        XCTAssertEqual(try names(folder), ["plan.json", "sub"])
        XCTAssertEqual(try names(folder.appending(path: "sub")), ["plan.json"])
    }

    func testFailureLeavesNothing() throws {
        let folder = try makeTemporaryFolder()
        XCTAssertThrowsError(
            try AtomicOutput.write(to: folder.appending(path: "new")) { file in
                try file.write(contentsOf: Data("half".utf8))
                throw Broken()
            }
        ) { XCTAssertTrue($0 is Broken, "\($0)") }
        XCTAssertEqual(try names(folder), [])
    }

    /// What a killed program was writing goes with the next one that writes the same output; what somebody is writing stays.
    func testWhatAKilledProgramLeftIsRemoved() throws {
        let folder = try makeTemporaryFolder()
        let url = folder.appending(path: "state.json")
        let kept = [
            ".other.json.0123ABCD.writing", ".state.json.0123ABCD.partial", "state.json.0123ABCD.writing",
            ".state.json.mine.writing",
        ]
        for name in kept + [".state.json.0123ABCD.writing"] {
            try Data("half".utf8).write(to: folder.appending(path: name))
        }
        try AtomicOutput.write(to: url) { first in
            try first.write(contentsOf: Data("fir".utf8))
            try AtomicOutput.write(Data("second".utf8), to: url)
            let names = try names(folder)
            XCTAssertEqual(names.count { $0.hasSuffix(".writing") }, 4, "the first one's and those kept: \(names)")
            try first.write(contentsOf: Data("st".utf8))
        }
        XCTAssertEqual(try String(contentsOf: url, encoding: .utf8), "first")
        XCTAssertEqual(try names(folder), (kept + ["state.json"]).sorted())
    }

    /// The same of folders, in which models are written.
    func testAFolderOfAKilledProgramIsRemoved() throws {
        let folder = try makeTemporaryFolder()
        let output = folder.appending(path: "model")
        let abandoned = folder.appending(path: ".model.0123ABCD.writing")
        try FileManager.default.createDirectory(at: abandoned, withIntermediateDirectories: false)
        try Data("half".utf8).write(to: abandoned.appending(path: "weights"))
        let unfinished = try UnfinishedOutput.folder(for: output)
        try Data("half".utf8).write(to: unfinished.url.appending(path: "weights"))
        UnfinishedOutput.removeAbandoned(of: output)
        XCTAssertEqual(try names(folder), [unfinished.url.lastPathComponent], "the one that is being written")
        unfinished.end()
        XCTAssertEqual(try names(folder), [])
    }

    func testFailureKeepsTheOldFile() throws {
        let folder = try makeTemporaryFolder()
        let url = folder.appending(path: "old")
        try Data("old".utf8).write(to: url)
        XCTAssertThrowsError(
            try AtomicOutput.write(to: url) { file in
                try file.write(contentsOf: Data("half of the new one".utf8))
                XCTAssertEqual(try Data(contentsOf: url), Data("old".utf8), "the old file while the new one is written")
                throw Broken()
            })
        XCTAssertEqual(try Data(contentsOf: url), Data("old".utf8))
        XCTAssertEqual(try names(folder), ["old"])
    }

    func testMissingFolderAndFolderInPlace() throws {
        let folder = try makeTemporaryFolder()
        XCTAssertThrowsError(try AtomicOutput.write(Data([1]), to: folder.appending(path: "no/such/file"))) { error in
            XCTAssertEqual((error as? InputError)?.kind.general, .missingFile, "\(error)")
            XCTAssertTrue("\(error)".contains("no/such/file"), "\(error)")
        }
        let taken = folder.appending(path: "taken")
        try FileManager.default.createDirectory(at: taken, withIntermediateDirectories: false)
        XCTAssertThrowsError(try AtomicOutput.write(Data([1]), to: taken)) { error in
            XCTAssertEqual((error as? InputError)?.kind, .notWritable, "\(error)")
        }
        XCTAssertEqual(try names(folder), ["taken"])
    }

    /// Devices and pipes are written to, not replaced by files.
    func testDevicesAndPipes() throws {
        try AtomicOutput.write(Data("gone".utf8), to: URL(filePath: "/dev/null"))
        let type = try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
        XCTAssertEqual(type, .typeCharacterSpecial, "/dev/null is \(type?.rawValue ?? "gone")")

        let folder = try makeTemporaryFolder()
        let pipe = folder.appending(path: "pipe")
        XCTAssertEqual(mkfifo(pipe.path, 0o600), 0)
        let reader = open(pipe.path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        try AtomicOutput.write(Data("through".utf8), to: pipe)
        var bytes = [UInt8](repeating: 0, count: 100)
        XCTAssertEqual(read(reader, &bytes, 100), 7)
        XCTAssertEqual(String(decoding: bytes.prefix(7), as: UTF8.self), "through")
        XCTAssertEqual(try names(folder), ["pipe"])
    }

    /// Several threads write the same file: it is one of theirs, whole.
    func testConcurrentWriters() throws {
        let folder = try makeTemporaryFolder()
        let url = folder.appending(path: "shared")
        DispatchQueue.concurrentPerform(iterations: 8) { writer in
            for _ in 0..<10 {
                try? AtomicOutput.write(Data(repeating: UInt8(writer), count: 5000), to: url)
            }
        }
        let data = try Data(contentsOf: url)
        XCTAssertEqual(data.count, 5000)
        XCTAssertEqual(Set(data).count, 1, "bytes of several writers: \(Set(data).sorted())")
        XCTAssertEqual(try names(folder), ["shared"])
    }

    #if os(Linux)
        /// The system's device that is always full.
        func testAFullDevice() throws {
            XCTAssertThrowsError(try AtomicOutput.write(Data("a".utf8), to: URL(filePath: "/dev/full"))) { error in
                XCTAssertEqual(
                    "\(error)", "no space left in /dev/full; make room or choose another output path")
                XCTAssertEqual((error as? InputError)?.kind, .notWritable)
            }
        }
    #endif

    func testTheLongestName() throws {
        let folder = try makeTemporaryFolder()
        let name = String(repeating: "n", count: 255)
        try AtomicOutput.write(Data("a".utf8), to: folder.appending(path: name))
        XCTAssertEqual(try names(folder), [name])
    }
}
