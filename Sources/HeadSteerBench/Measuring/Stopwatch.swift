/// Measures the time that work takes.
enum Stopwatch {
    /// The seconds that `body` takes, by a clock that can't be set.
    static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let clock = ContinuousClock()
        let duration = try clock.measure(body).components
        return Double(duration.seconds) + Double(duration.attoseconds) * 1e-18
    }
}
