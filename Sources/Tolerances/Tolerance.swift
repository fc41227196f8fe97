import DataFiles

/// How far values may be from those that are expected: `absolute + relative · (the largest expected magnitude)`.
///
/// Relative to the largest magnitude and not to each value: sums of many terms are wrong by about as much where they come out
/// small.
public struct Tolerance: Sendable, Equatable {
    /// In the values' own unit.
    public var absolute: Double
    /// As a share of the largest expected magnitude.
    public var relative: Double

    /// A tolerance; by default none at all.
    ///
    /// - Precondition: neither is negative.
    public init(absolute: Double = 0, relative: Double = 0) {
        precondition(absolute >= 0 && relative >= 0, "A tolerance isn't negative.")
        self.absolute = absolute
        self.relative = relative
    }

    /// The same values. +0 and −0 are the same.
    public static let exact = Tolerance()
    /// 1e-5 relative: what sites of small models keep against transformers in float32.
    public static let float32 = Tolerance(relative: 1e-5)
    /// 1e-3 relative: sums of values that are stored as float16 or bfloat16.
    public static let float16 = Tolerance(relative: 1e-3)

    /// What is allowed where the largest expected magnitude is `scale`.
    public func allowed(scale: Double) -> Double { absolute + relative * scale }
}
