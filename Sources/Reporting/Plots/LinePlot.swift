import DataFiles

/// Curves over a shared axis, in panels above each other: how several measures depend on the strength α of an edit
/// (dose-response curves), with what controls do for comparison.
///
/// It draws as a picture (`svg()`), as text for a terminal (`rendered(_:rows:)`) and as comma-separated values (`csv()`).
/// A series keeps its colour, dashes and marker in all panels; its name tells which it is.
public struct LinePlot: Sendable {
    /// One measurement of a series.
    public struct Point: Sendable, Equatable {
        /// The place on the shared axis.
        public var x: Double
        /// What was measured there; `nil` where that failed or was left out, which interrupts the line.
        public var y: Double?
        /// The 95% interval of the value.
        public var interval: ClosedRange<Double>?

        /// A point; without y there is a gap.
        public init(x: Double, y: Double?, interval: ClosedRange<Double>? = nil) {
            self.x = x
            self.y = y
            self.interval = interval
        }
    }

    /// A curve.
    public struct Series: Sendable, Equatable {
        /// What the legend calls it.
        public var name: String
        /// The points, in the order of x.
        public let points: [Point]

        /// - Parameter points: in any order; each finite.
        /// - Precondition: a line plot takes values that are numbers; what is missing is nil.
        public init(_ name: String, _ points: [Point]) {
            precondition(
                points.allSatisfy { $0.x.isFinite && ($0.y?.isFinite ?? true) && isFinite($0.interval) },
                "A line plot takes values that are numbers; what is missing is nil.")
            self.name = name
            // Points at the same place keep their order.
            self.points = points.enumerated().sorted { ($0.element.x, $0.offset) < ($1.element.x, $1.offset) }
                .map(\.element)
        }
    }

    /// A grey band: what controls, such as random directions, reach.
    public struct ControlBand: Sendable, Equatable {
        /// The band's extent at one place.
        public struct Extent: Sendable, Equatable {
            /// The place on the axis.
            public var x: Double
            /// From where to where the band reaches.
            public var range: ClosedRange<Double>

            /// The band's extent at one place.
            public init(x: Double, range: ClosedRange<Double>) {
                self.x = x
                self.range = range
            }
        }

        /// What the legend calls it.
        public var name: String
        /// The extents in the order of x.
        public let extents: [Extent]
        /// The extent over the whole axis, for a band that doesn't depend on x.
        public let constant: ClosedRange<Double>?

        /// A band that depends on x.
        ///
        /// - Parameter extents: in any order; finite, at least one.
        /// - Precondition: a control band needs at least one extent; a control band takes values that are numbers.
        public init(_ name: String, _ extents: [Extent]) {
            precondition(!extents.isEmpty, "A control band needs at least one extent.")
            precondition(
                extents.allSatisfy { $0.x.isFinite && isFinite($0.range) },
                "A control band takes values that are numbers.")
            self.name = name
            self.extents = extents.sorted { $0.x < $1.x }
            constant = nil
        }

        /// The same band at every x.
        ///
        /// - Precondition: a control band takes values that are numbers.
        public init(_ name: String, _ range: ClosedRange<Double>) {
            precondition(isFinite(range), "A control band takes values that are numbers.")
            self.name = name
            extents = []
            constant = range
        }
    }

    /// A horizontal line: the value without any edit, or chance.
    public struct Reference: Sendable, Equatable {
        /// What the legend calls it.
        public var name: String
        /// The height.
        public var value: Double

        /// A line at one height.
        ///
        /// - Precondition: a finite value.
        public init(_ name: String, _ value: Double) {
            precondition(value.isFinite, "A reference line needs a value that is a number.")
            self.name = name
            self.value = value
        }
    }

    /// How values become heights.
    public enum Scale: Sendable, Equatable {
        /// In proportion.
        case linear
        /// For values over several powers of ten, such as perplexities. Values of 0 and below can't be drawn and are left
        /// out; they are in the comma-separated values.
        case logarithmic
    }

    /// One measure.
    public struct Panel: Sendable, Equatable {
        /// What stands above the panel.
        public var title: String
        /// What the values are, with their unit: `share of items`.
        public var quantity: String
        /// The curves.
        public var series: [Series]
        /// A line to compare with; nil for none.
        public var reference: Reference?
        /// What controls reach.
        public var bands: [ControlBand]
        /// How values become heights; linear by default.
        public var scale: Scale
        /// Values that the axis covers whether or not a point is there: 0 ... 1 for shares.
        public var covering: ClosedRange<Double>?

        /// A measure.
        ///
        /// - Precondition: `covering` has finite ends.
        public init(
            _ title: String, quantity: String, series: [Series], reference: Reference? = nil,
            bands: [ControlBand] = [], scale: Scale = .linear, covering: ClosedRange<Double>? = nil
        ) {
            precondition(covering.map(isFinite) ?? true, "An axis covers values that are numbers.")
            self.title = title
            self.quantity = quantity
            self.series = series
            self.reference = reference
            self.bands = bands
            self.scale = scale
            self.covering = covering
        }
    }

    /// What stands above the picture.
    public let title: String
    /// What the shared axis holds: `strength α (σ)`.
    public let axis: String
    /// The measures, from top to bottom, over one axis.
    public let panels: [Panel]

    /// - Parameter panels: at least one.
    /// - Precondition: a line plot needs at least one panel.
    public init(title: String, axis: String, panels: [Panel]) {
        precondition(!panels.isEmpty, "A line plot needs at least one panel.")
        self.title = title
        self.axis = axis
        self.panels = panels
    }

    /// The series' names in the order in which they first appear: the order of their colours.
    var seriesNames: [String] { Self.unique(panels.flatMap { $0.series.map(\.name) }) }

    /// The bands' names in the order in which they first appear.
    var bandNames: [String] { Self.unique(panels.flatMap { $0.bands.map(\.name) }) }

    /// The names of the reference lines.
    var referenceNames: [String] { Self.unique(panels.compactMap { $0.reference?.name }) }

    /// Whether any point has an interval.
    var hasIntervals: Bool {
        panels.contains { $0.series.contains { $0.points.contains { $0.interval != nil } } }
    }

    private static func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}

/// Whether both ends are numbers; so is what isn't there.
private func isFinite(_ range: ClosedRange<Double>?) -> Bool {
    guard let range else { return true }
    return range.lowerBound.isFinite && range.upperBound.isFinite
}
