import XCTest

@testable import HeadSteerBench

/// What a report says of the machine.
final class MachineTests: XCTestCase {
    func testFeaturesAreThoseThatMatter() {
        let x86 = """
            processor\t: 0
            flags\t\t: fpu sse2 avx2 avx512f avx512_vnni amx_int8 avx2x
            flags\t\t: never read
            """
        XCTAssertEqual(Machine.features(cpuInfo: x86), ["avx2", "avx512f", "avx512_vnni", "amx_int8"])
        XCTAssertEqual(Machine.features(cpuInfo: "Features\t: fp asimd i8mm\n"), ["asimd", "i8mm"])
        XCTAssertEqual(Machine.features(cpuInfo: ""), [])
    }
}
