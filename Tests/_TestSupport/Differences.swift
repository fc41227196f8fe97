import XCTest

/// The largest difference between two lists of values, and where it is.
public struct Difference {
    public let value: Double
    public let index: Int
    /// The largest magnitude among the expected values, to judge the difference by.
    public let scale: Double

    public init(_ actual: some Collection<Float>, _ expected: some Collection<Float>) {
        var largest = 0.0
        var place = 0
        var scale = 0.0
        for (index, (a, e)) in zip(actual, expected).enumerated() {
            let difference = a == e ? 0 : abs(Double(a) - Double(e))
            // A value that is no number differs from everything.
            if difference > largest || difference.isNaN {
                largest = difference.isNaN ? .infinity : difference
                place = index
            }
            scale = max(scale, abs(Double(e)))
        }
        value = largest
        index = place
        self.scale = scale
    }
}

/// Fails where two lists of values differ by more than `absolute + relative · (largest expected magnitude)`, and says
/// where they differ most.
public func assertClose(
    _ actual: some Collection<Float>, _ expected: some Collection<Float>, relative: Double = 0, absolute: Double = 0,
    _ what: String, file: StaticString = #filePath, line: UInt = #line
) {
    guard actual.count == expected.count else {
        return XCTFail("\(what): \(actual.count) values instead of \(expected.count)", file: file, line: line)
    }
    let difference = Difference(actual, expected)
    let allowed = absolute + relative * difference.scale
    guard difference.value > allowed else { return }
    let i = difference.index
    let a = Array(actual)[i]
    let e = Array(expected)[i]
    XCTFail(
        "\(what): value \(i) is \(a) instead of \(e): off by \(difference.value), allowed \(allowed)", file: file,
        line: line)
}
