import DataFiles

/// How far values may be from the expected ones: `absolute + relative · (the largest expected magnitude)`.
///
/// The tolerance is relative to the largest magnitude and not to each value, because a sum of many terms that comes out
/// small has about as large an error as the others.
public struct Tolerance: Sendable, Equatable {
    /// The absolute part, in the values' own unit.
    public var absolute: Double
    /// The relative part, as a share of the largest expected magnitude.
    public var relative: Double

    /// A tolerance; by default none at all.
    ///
    /// - Precondition: neither is negative.
    public init(absolute: Double = 0, relative: Double = 0) {
        precondition(absolute >= 0 && relative >= 0, "A tolerance isn't negative.")
        self.absolute = absolute
        self.relative = relative
    }

    /// No tolerance; +0 and −0 are the same value.
    public static let exact = Tolerance()
    /// 1e-5 relative, which sites of small models keep to against transformers in float32.
    public static let float32 = Tolerance(relative: 1e-5)
    /// 1e-3 relative, for sums of values that are stored as float16 or bfloat16.
    public static let float16 = Tolerance(relative: 1e-3)

    /// The allowed difference if the largest expected magnitude is `scale`.
    public func allowed(scale: Double) -> Double { absolute + relative * scale }
}
