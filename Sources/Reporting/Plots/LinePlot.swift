import DataFiles

/// Curves over a shared axis in stacked panels: how several measures depend on the strength α of an edit.
///
/// These are dose-response curves, with the values that controls reach for comparison.
///
/// It renders as a picture (`svg()`), as text for a terminal (`rendered(_:rows:)`) and as comma-separated values
/// (`csv()`). A series keeps its colour, dashes and marker in all panels; series with the same name are the same
/// series.
public struct LinePlot: Sendable {
    /// One measurement of a series.
    public struct Point: Sendable, Equatable {
        /// The position on the shared axis.
        public var x: Double
        /// The value measured there; `nil` if measuring failed or was left out, which interrupts the line.
        public var y: Double?
        /// The 95% interval of the value.
        public var interval: ClosedRange<Double>?

        /// Creates a point; without y there is a gap.
        public init(x: Double, y: Double?, interval: ClosedRange<Double>? = nil) {
            self.x = x
            self.y = y
            self.interval = interval
        }
    }

    /// A curve.
    public struct Series: Sendable, Equatable {
        /// The name in the legend.
        public var name: String
        /// The points, in order of x.
        public let points: [Point]

        /// - Parameter points: in any order; all numbers finite.
        /// - Precondition: a line plot takes values that are numbers; a missing value is nil.
        public init(_ name: String, _ points: [Point]) {
            precondition(
                points.allSatisfy { $0.x.isFinite && ($0.y?.isFinite ?? true) && isFinite($0.interval) },
                "The values of a line plot must be finite; a missing value is nil.")
            self.name = name
            // Points at the same position keep their order.
            self.points = points.enumerated().sorted { ($0.element.x, $0.offset) < ($1.element.x, $1.offset) }
                .map(\.element)
        }
    }

    /// A grey band: the range that controls, such as random directions, reach.
    public struct ControlBand: Sendable, Equatable {
        /// The band's extent at one position.
        public struct Extent: Sendable, Equatable {
            /// The position on the axis.
            public var x: Double
            /// The lower and upper end of the band.
            public var range: ClosedRange<Double>

            /// Creates the band's extent at one position.
            public init(x: Double, range: ClosedRange<Double>) {
                self.x = x
                self.range = range
            }
        }

        /// The name in the legend.
        public var name: String
        /// The extents, in order of x.
        public let extents: [Extent]
        /// The extent over the whole axis, for a band that doesn't depend on x.
        public let constant: ClosedRange<Double>?

        /// Creates a band that depends on x.
        ///
        /// - Parameter extents: in any order; finite, at least one.
        /// - Precondition: a control band needs at least one extent; a control band takes values that are numbers.
        public init(_ name: String, _ extents: [Extent]) {
            precondition(!extents.isEmpty, "A control band needs at least one extent.")
            precondition(
                extents.allSatisfy { $0.x.isFinite && isFinite($0.range) },
                "The values of a control band must be finite.")
            self.name = name
            self.extents = extents.sorted { $0.x < $1.x }
            constant = nil
        }

        /// Creates a band that is the same at every x.
        ///
        /// - Precondition: a control band takes values that are numbers.
        public init(_ name: String, _ range: ClosedRange<Double>) {
            precondition(isFinite(range), "The values of a control band must be finite.")
            self.name = name
            extents = []
            constant = range
        }
    }

    /// A horizontal line: the value without any edit, or at chance.
    public struct Reference: Sendable, Equatable {
        /// The name in the legend.
        public var name: String
        /// The value at which the line is drawn.
        public var value: Double

        /// Creates a line at one value.
        ///
        /// - Precondition: a finite value.
        public init(_ name: String, _ value: Double) {
            precondition(value.isFinite, "The value of a reference line must be finite.")
            self.name = name
            self.value = value
        }
    }

    /// How values map to heights.
    public enum Scale: Sendable, Equatable {
        /// Proportionally.
        case linear
        /// Logarithmically, for values over several powers of ten, such as perplexities.
        ///
        /// Values of 0 and below can't be drawn and are left out, but the comma-separated values include them.
        case logarithmic
    }

    /// The plot of one measure.
    public struct Panel: Sendable, Equatable {
        /// The title above the panel.
        public var title: String
        /// The quantity with its unit: `share of items`.
        public var quantity: String
        /// The curves.
        public var series: [Series]
        /// A line for comparison; nil for none.
        public var reference: Reference?
        /// The bands that controls reach.
        public var bands: [ControlBand]
        /// How values map to heights; linear by default.
        public var scale: Scale
        /// The range of values that the axis covers even without points: 0 ... 1 for shares.
        public var covering: ClosedRange<Double>?

        /// Creates a panel for one measure.
        ///
        /// - Precondition: `covering` has finite ends.
        public init(
            _ title: String, quantity: String, series: [Series], reference: Reference? = nil,
            bands: [ControlBand] = [], scale: Scale = .linear, covering: ClosedRange<Double>? = nil
        ) {
            precondition(covering.map(isFinite) ?? true, "The values that an axis covers must be finite.")
            self.title = title
            self.quantity = quantity
            self.series = series
            self.reference = reference
            self.bands = bands
            self.scale = scale
            self.covering = covering
        }
    }

    /// The title above the picture.
    public let title: String
    /// The label of the shared axis: `strength α (σ)`.
    public let axis: String
    /// The panels, from top to bottom.
    public let panels: [Panel]

    /// - Parameter panels: at least one.
    /// - Precondition: a line plot needs at least one panel.
    public init(title: String, axis: String, panels: [Panel]) {
        precondition(!panels.isEmpty, "A line plot needs at least one panel.")
        self.title = title
        self.axis = axis
        self.panels = panels
    }

    /// The series' names in order of first appearance, which is the order of their colours.
    var seriesNames: [String] { Self.unique(panels.flatMap { $0.series.map(\.name) }) }

    /// The bands' names in order of first appearance.
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

/// Whether both ends are finite; true if there is no range.
private func isFinite(_ range: ClosedRange<Double>?) -> Bool {
    guard let range else { return true }
    return range.lowerBound.isFinite && range.upperBound.isFinite
}
