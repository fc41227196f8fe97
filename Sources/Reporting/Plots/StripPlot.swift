import DataFiles
import Foundation

/// The values of two classes on one axis, such as projections on a head's direction, with the threshold between them.
public struct StripPlot: Sendable {
    /// A value for each row.
    public let values: [Double]
    /// The class of each row.
    public let labels: [Bool]
    /// The threshold; values above it are predicted to be in the class `true`.
    public let threshold: Double
    /// The title above the picture.
    public let title: String
    /// The quantity, for the axis.
    public let quantity: String

    /// - Parameters:
    ///   - values: finite, at least one.
    /// - Precondition: each value needs one label; a strip plot takes values that are numbers.
    public init(values: [Double], labels: [Bool], threshold: Double, title: String, quantity: String) {
        precondition(!values.isEmpty && values.count == labels.count, "Each value needs one label.")
        precondition(
            values.allSatisfy(\.isFinite) && threshold.isFinite, "The values of a strip plot must be finite.")
        self.values = values
        self.labels = labels
        self.threshold = threshold
        self.title = title
        self.quantity = quantity
    }

    /// The range of the axis: all values and the threshold.
    var range: ClosedRange<Double> {
        let low = values.reduce(threshold, min)
        let high = values.reduce(threshold, max)
        return high > low ? low...high : low - 1...high + 1
    }

    /// The number of rows of a class that are on the correct side of the threshold.
    func right(_ label: Bool) -> (count: Int, of: Int) {
        let own = zip(values, labels).filter { $0.1 == label }.map(\.0)
        return (own.count { ($0 > threshold) == label }, own.count)
    }

    /// Two histograms over one axis, with a line at the threshold.
    public func rendered(_ style: TerminalStyle = .plain) -> String {
        let name = 7
        let bins = min(max(style.width - name, 10), 64)
        let (low, high) = (range.lowerBound, range.upperBound)
        func bin(_ value: Double) -> Int { min(Int((value - low) / (high - low) * Double(bins)), bins - 1) }
        let mark = bin(threshold)
        var counts = [[Int]](repeating: [Int](repeating: 0, count: bins), count: 2)
        for (value, label) in zip(values, labels) { counts[label ? 1 : 0][bin(value)] += 1 }
        let most = counts.joined().max() ?? 1
        func line(_ label: Bool) -> String {
            let cells = counts[label ? 1 : 0].enumerated().map { index, count in
                if count == 0 { return index == mark ? "│" : " " }
                return Self.bars[(count * Self.bars.count + most - 1) / most - 1]
            }
            return "\(label)".fitted(to: name) + cells.joined()
        }
        let axis = (0..<bins).map { $0 == mark ? "┴" : "─" }.joined()
        let (lowText, highText) = (HeatMap.text(low).typographic, HeatMap.text(high).typographic)
        let numbers =
            lowText + String(repeating: " ", count: max(bins - lowText.count - highText.count, 1)) + highText
        let (trues, falses) = (right(true), right(false))
        return [
            style.bold(title), line(true).trimmingTrailingSpaces(), line(false).trimmingTrailingSpaces(),
            String(repeating: " ", count: name) + axis, String(repeating: " ", count: name) + numbers,
            "\(quantity); above the line \(trues.count) of \(trues.of) true, below \(falses.count) of \(falses.of) false",
        ].map { $0.truncated(to: style.width) }.joined(separator: "\n")
    }

    private static let bars = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
}
