import Foundation
import XCTest
import _TestSupport

#if os(Linux)
    /// Files that are cut off while the program uses them: one line that names the file, and the status of bad data.
    final class LostFileTests: ProgramTestCase {
        /// Starts a search on a copy of the planted model, and calls `body` as soon as it has mapped the model.
        ///
        /// On a busy machine the search may be over before this process has looked once: then it is started again.
        private func search(_ model: String, _ body: (Process) -> Void) throws -> Program.Result {
            for _ in 0..<10 {
                for name in try names() { try FileManager.default.removeItem(atPath: path(name)) }
                try FileManager.default.copyItem(atPath: Self.planted, toPath: model)
                let arguments = [
                    "search", model, "--data", Self.fixture("planted/mood.jsonl"), "--contrast",
                    Self.fixture("planted/mood-contrast.jsonl"), "--out", path("out"),
                ]
                var isSeen = false
                let result = try Program.run(arguments, in: folder) { process in
                    while process.isRunning, !isSeen {
                        isSeen = Self.maps(of: process).contains(model)
                        if !isSeen { usleep(1000) }
                    }
                    if isSeen { body(process) }
                }
                if isSeen { return result }
            }
            throw Unseen()
        }

        private struct Unseen: Error, CustomStringConvertible {
            var description: String { "the search was over ten times before it was seen to map the model" }
        }

        /// What the system says of a process's mappings.
        private static func maps(of process: Process) -> String {
            let file = FileHandle(forReadingAtPath: "/proc/\(process.processIdentifier)/maps")
            return String(decoding: (try? file?.readToEnd()) ?? Data(), as: UTF8.self)
        }

        func testModelThatIsCutOff() throws {
            let model = path("a model.gguf")
            let result = try search(model) { _ in XCTAssertEqual(truncate(model, 100), 0) }
            XCTAssertEqual(result.status, 65, result.error)
            // Where the header was still being read, what is missing of its first page is zeros, which no header has.
            let lost =
                "error: data that were cut off or became unreadable while they were in use, in \(model); leave files alone "
                + "while they are read, and replace them by renaming others to their names\n"
            let isOfTheHeader =
                result.error.contains("\(model) at byte ") && result.error.filter(\.isNewline).count == 1
            XCTAssertTrue(result.error == lost || isOfTheHeader, result.error)
            XCTAssertEqual(try names(), ["a model.gguf"])
        }

        /// A bus error that no file is to blame for stays one.
        func testOtherBusErrors() throws {
            let result = try search(path("model.gguf")) { process in
                XCTAssertEqual(kill(process.processIdentifier, SIGBUS), 0)
            }
            XCTAssertEqual(result.status, -SIGBUS, result.error)
            XCTAssertEqual(result.error, "")
        }
    }
#endif
