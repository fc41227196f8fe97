import Foundation

/// One measured number of every head.
public struct HeadColumn: Sendable, Equatable, Encodable {
    /// What addresses call it by, `search/effect`: the same for the same files.
    public var key: String
    /// `effect`
    public var label: String
    /// The file that it comes from.
    public var source: String
    /// What it is, in a sentence; empty where the file alone knows.
    public var note: String
    /// Of each head, [L · H]; nil where nothing was measured or it was no number.
    public var values: [Double?]
    /// Where its colours begin, where that is neither 0 nor the least value: 0.5 for an area under a curve.
    public var centre: Double?
    /// Whether small values are the remarkable ones, as of p and q.
    public var ascending: Bool
    /// Whether these are q values, which say what of the same file is significant.
    public var test: Bool

    /// A column; nil where a head has no value.
    public init(
        key: String, label: String, source: String, note: String = "", values: [Double?], centre: Double? = nil,
        ascending: Bool = false, test: Bool = false
    ) {
        self.key = key
        self.label = label
        self.source = source
        self.note = note
        // Five digits are more than a picture shows.
        self.values = values.map { $0.flatMap { $0.isFinite ? $0.rounded(digits: 5) : nil } }
        self.centre = centre
        self.ascending = ascending
        self.test = test
    }
}

extension Double {
    /// The nearest number of so many decimal digits: what is written of it in JSON is short.
    func rounded(digits: Int) -> Double { Double(String(format: "%.\(digits)g", self)) ?? self }
}
