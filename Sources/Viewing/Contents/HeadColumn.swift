import Foundation

/// One measure, with a number for every head.
public struct HeadColumn: Sendable, Equatable, Encodable {
    /// The column's name in addresses, such as `search/effect`; always the same for the same files.
    public var key: String
    /// `effect`
    public var label: String
    /// The file that the numbers come from.
    public var source: String
    /// A sentence that explains the measure; empty if only the file's author knows.
    public var note: String
    /// The value of each head, [L · H]; nil if nothing was measured or the result was not a number.
    public var values: [Double?]
    /// The value at which the colours begin, if that is neither 0 nor the least value: 0.5 for an area under a curve.
    public var centre: Double?
    /// Whether small values are the interesting ones, as for p and q.
    public var ascending: Bool
    /// Whether these are q values, which tell which values from the same file are significant.
    public var test: Bool

    /// Creates a column, with nil for each head without a value.
    public init(
        key: String, label: String, source: String, note: String = "", values: [Double?], centre: Double? = nil,
        ascending: Bool = false, test: Bool = false
    ) {
        self.key = key
        self.label = label
        self.source = source
        self.note = note
        // A picture shows fewer than five digits.
        self.values = values.map { $0.flatMap { $0.isFinite ? $0.rounded(digits: 5) : nil } }
        self.centre = centre
        self.ascending = ascending
        self.test = test
    }
}

extension Double {
    /// The nearest number with this many decimal digits, which is short in JSON.
    func rounded(digits: Int) -> Double { Double(String(format: "%.\(digits)g", self)) ?? self }
}
