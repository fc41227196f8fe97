import Foundation
import XCTest

@testable import Reporting

/// The peak of a process's memory.
final class PeakMemoryTests: XCTestCase {
    func testTheTextOfLinux() {
        let status = "Name:\theadsteer\nVmPeak:\t  999 kB\nVmHWM:\t  1884 kB\nVmRSS:\t   12 kB\n"
        XCTAssertEqual(PeakMemory.bytes(inStatus: status), 1884 * 1024)
        for other in ["", "VmHWM:", "VmHWM:\tx kB\n", "VmHWM:\t5 MB\n", "VmHWM:\t\(Int.max) kB\n", "VmRSS:\t5 kB\n"] {
            XCTAssertNil(PeakMemory.bytes(inStatus: other), other)
        }
    }

    /// Memory that was in use counts, whether or not it still is.
    func testWhatWasInUseCounts() {
        let count = 64 << 20
        let before = PeakMemory.bytes()
        do {
            let values = [UInt8](repeating: 1, count: count)
            XCTAssertEqual(values[count - 1], 1)
        }
        let after = PeakMemory.bytes()
        XCTAssertGreaterThanOrEqual(after, count)
        XCTAssertGreaterThanOrEqual(after, before)
    }

    #if os(Linux)
        /// A small program that this large process starts has a small peak of its own.
        func testAProcessDoesNotInheritThePeak() throws {
            let values = [UInt8](repeating: 1, count: 256 << 20)
            XCTAssertEqual(values.last, 1)
            let process = Process()
            process.executableURL = URL(filePath: "/bin/cat")
            process.arguments = ["/proc/self/status"]
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            let data = try XCTUnwrap(try pipe.fileHandleForReading.readToEnd())
            process.waitUntilExit()
            let peak = try XCTUnwrap(PeakMemory.bytes(inStatus: String(decoding: data, as: UTF8.self)))
            XCTAssertLessThan(peak, 64 << 20)
        }
    #endif
}
