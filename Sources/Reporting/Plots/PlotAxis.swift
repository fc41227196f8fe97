import Foundation

/// An axis: its range of values, their positions on it, and the labelled values.
///
/// Labelled values are multiples of 1, 2 or 5 times a power of ten (Heckbert 1990, "Nice numbers for graph labels").
struct PlotAxis: Sendable {
    /// A labelled value.
    struct Tick: Sendable, Equatable {
        var value: Double
        var label: String
    }

    /// The ends: values, or their logarithms to base ten on a logarithmic axis.
    let low: Double
    let high: Double
    let scale: LinePlot.Scale
    let ticks: [Tick]

    /// An axis that starts and ends at the outermost values, as the shared axis does.
    ///
    /// If there are only a few values, the labels are at those.
    static func tight(_ values: [Double], ticks count: Int) -> PlotAxis {
        let (low, high) = Self.span(values)
        let places = Set(values).sorted()
        if places.count <= count + 1, places.count > 1 {
            let ticks = places.map { Tick(value: $0, label: Self.label($0)) }
            return PlotAxis(low: low, high: high, scale: .linear, ticks: ticks)
        }
        let step = Step(span: high - low, count: count)
        return PlotAxis(low: low, high: high, scale: .linear, ticks: step.ticks(from: low, to: high))
    }

    /// An axis that starts and ends at labelled values, or closer to the outermost values if that would leave much of
    /// it empty.
    static func loose(_ values: [Double], scale: LinePlot.Scale, ticks count: Int) -> PlotAxis {
        if scale == .logarithmic { return logarithmic(values.filter { $0 > 0 }, ticks: count) }
        let (low, high) = Self.span(values)
        let step = Step(span: high - low, count: count)
        let first = (low / step.size + 1e-9).rounded(.down) * step.size
        let last = (high / step.size - 1e-9).rounded(.up) * step.size
        let room = Self.room * (high - low)
        let (start, end) = (max(first, low - room), min(last, high + room))
        return PlotAxis(low: start, high: end, scale: .linear, ticks: step.ticks(from: start, to: end))
    }

    /// An axis with labels at powers of ten, and also at twice and five times those if there are few.
    private static func logarithmic(_ values: [Double], ticks count: Int) -> PlotAxis {
        let bounded = values.map { min(max($0, 1e-300), 1e300) }
        let (low, high) = (log10(bounded.min() ?? 1), log10(bounded.max() ?? 10))
        let (first, last) = (Int(low.rounded(.down)), Int(high.rounded(.up)))
        let decades = last - first
        let every = max((decades + count - 1) / max(count, 1), 1)
        let factors: [Double] = decades <= 2 ? [1, 2, 5] : [1]
        // Adds one more power at each end, so that there is a label at or beyond both ends.
        let candidates = stride(from: first - every, through: last + every, by: every).flatMap { exponent in
            factors.map { log10($0) + Double(exponent) }
        }
        let start = candidates.last { $0 <= low + 1e-9 } ?? low
        let end = candidates.first { $0 >= high - 1e-9 && $0 > start } ?? high
        let ticks = candidates.filter { $0 >= start && $0 <= end }.map { logarithm in
            let value = pow(10, logarithm)
            return Tick(value: value, label: Self.label(value))
        }
        return PlotAxis(low: start, high: end, scale: .logarithmic, ticks: ticks)
    }

    /// The position of a value: 0 at the start of the axis and 1 at its end.
    ///
    /// A value beyond the axis is at its end. `nil` if the value can't lie on the axis.
    func share(_ value: Double) -> Double? {
        guard scale == .logarithmic else { return Self.clamped((Self.bounded(value) - low) / (high - low)) }
        return value > 0 ? Self.clamped((log10(value) - low) / (high - low)) : nil
    }

    /// The position of a band's end; on a logarithmic axis, 0 is at the start.
    func bound(_ value: Double) -> Double { share(value) ?? 0 }

    /// The most space beyond the outermost values, as a share of their range.
    private static let room = 0.08

    private static func label(_ value: Double) -> String {
        // The sum turns −0 into 0.
        String(format: "%.5g", value + 0).typographic
    }

    private static func clamped(_ share: Double) -> Double { min(max(share, 0), 1) }

    /// Limits a value, so that sums and differences are finite.
    private static func bounded(_ value: Double) -> Double { min(max(value, -1e300), 1e300) }

    /// The outermost values, or some space around a single value.
    private static func span(_ values: [Double]) -> (Double, Double) {
        let low = bounded(values.min() ?? 0)
        let high = bounded(values.max() ?? 1)
        let size = max(abs(low), abs(high))
        if high - low > max(size * 1e-9, 1e-290) { return (low, high) }
        let room = size > 1e-280 ? size * 0.1 : 1
        return (low - room, high + room)
    }

    /// The distance between labelled values.
    private struct Step {
        var size: Double
        /// The decimals needed to tell neighbouring labels apart.
        var decimals: Int

        init(span: Double, count: Int) {
            let raw = span / Double(max(count, 1))
            var exponent = log10(raw).rounded(.down)
            let fraction = raw / pow(10, exponent)
            let nice = [1.0, 2, 5, 10].first { $0 >= fraction - 1e-9 } ?? 10
            size = nice * pow(10, exponent)
            if nice == 10 { exponent += 1 }
            decimals = max(Int(-exponent), 0)
        }

        func ticks(from low: Double, to high: Double) -> [Tick] {
            let first = (low / size - 1e-6).rounded(.up)
            let last = (high / size + 1e-6).rounded(.down)
            return stride(from: first, through: last, by: 1).map { multiple in
                let value = multiple * size
                return Tick(value: value, label: label(value))
            }
        }

        private func label(_ value: Double) -> String {
            guard value != 0 else { return "0" }
            // Labels of more than nine digits would not fit beside the axis.
            let digits = max(log10(abs(value)).rounded(.down) + 1, 1)
            let isPlain = digits + Double(decimals) <= 9
            return isPlain ? String(format: "%.\(decimals)f", value).typographic : PlotAxis.label(value)
        }
    }
}
