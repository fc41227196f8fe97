/// The statistics of one head: its direction, and the mean and spread of activations along it.
struct HeadStatistics {
    /// The direction, [D].
    let direction: [Double]
    /// θ̂, [D]; nil if the direction is zero.
    let unit: [Double]?
    private var count = 0
    private var sum: [Double]
    private var normSum = 0.0
    /// The mean and the sum of squared deviations of z·θ̂ so far (Welford 1962).
    private var projectionMean = 0.0
    private var deviations = 0.0

    init(direction: [Double]) {
        self.direction = direction
        let norm = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
        unit = norm > 0 ? direction.map { $0 / norm } : nil
        sum = [Double](repeating: 0, count: direction.count)
    }

    /// Adds one example's z, [D].
    mutating func add(_ values: ArraySlice<Double>) {
        count += 1
        var projection = 0.0
        var square = 0.0
        for (i, value) in values.enumerated() {
            sum[i] += value
            square += value * value
            projection += value * (unit?[i] ?? 0)
        }
        normSum += square.squareRoot()
        let difference = projection - projectionMean
        projectionMean += difference / Double(count)
        deviations += difference * (projection - projectionMean)
    }

    /// The standard deviation of z·θ̂; nil if there are too few examples.
    func sigma(ddof: Int) -> Double? {
        count > ddof ? (deviations / Double(count - ddof)).squareRoot() : nil
    }

    /// The mean of z, [D].
    var mean: [Double]? { count > 0 ? sum.map { $0 / Double(count) } : nil }

    var meanNorm: Double? { count > 0 ? normSum / Double(count) : nil }
}
