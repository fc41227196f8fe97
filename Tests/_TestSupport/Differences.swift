import Tolerances
import XCTest

/// Fails where two lists of values differ by more than `absolute + relative · (largest expected magnitude)`, and says
/// where they first differ and where most.
public func assertClose(
    _ actual: some Collection<Float>, _ expected: some Collection<Float>, relative: Double = 0, absolute: Double = 0,
    _ what: String, file: StaticString = #filePath, line: UInt = #line
) {
    let comparison = TensorComparison(
        actual, expected, tolerance: Tolerance(absolute: absolute, relative: relative))
    if !comparison.agrees { XCTFail("\(what): \(comparison)", file: file, line: line) }
}

/// The largest difference between two lists of values.
public struct Difference {
    public let value: Double

    public init(_ actual: some Collection<Float>, _ expected: some Collection<Float>) {
        value = TensorComparison(actual, expected).largest?.magnitude ?? 0
    }
}
