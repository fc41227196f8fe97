/// The standard deviation with divisor n.
package func populationDeviation(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
}

/// The standard deviation around the mean of each value's own class, with divisor n.
func pooledDeviation(_ values: [Double], _ labels: [Bool]) -> Double {
    let squares = [true, false].reduce(0.0) { sum, label in
        let own = zip(values, labels).filter { $0.1 == label }.map(\.0)
        let deviation = populationDeviation(own)
        return sum + deviation * deviation * Double(own.count)
    }
    return (squares / Double(values.count)).squareRoot()
}
