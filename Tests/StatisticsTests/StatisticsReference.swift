import Statistics
import XCTest
import _TestSupport

/// What `Fixtures/statistics/reference.py` computed with scipy and scikit-learn.
struct StatisticsReference: Decodable {
    struct Area: Decodable {
        var scores: [Double]
        var labels: [Bool]
        var groups: [Int]
        var area, delong, clustered, low, high, accuracy, balancedAccuracy: Double
    }
    struct Wilson: Decodable { var successes, trials, level, low, high: Double }
    struct MaxT: Decodable {
        var scores: [[Double]]
        var labels: [Bool]
        var groups: [Int]
        var count: Int
        var observed, unadjusted, adjusted: [Double]
    }
    struct Normal: Decodable { var p, z: [Double] }
    struct FalseDiscovery: Decodable { var p, q: [Double] }
    struct Quantiles: Decodable { var values, p, q: [Double] }

    var areas: [Area]
    var wilson: [Wilson]
    var maxT: MaxT
    var normal: Normal
    var benjaminiHochberg: FalseDiscovery
    var quantiles: Quantiles
    var generator: [String]

    static func load() throws -> StatisticsReference {
        let file = FixtureLocation.fixtures.appending(path: "statistics/statistics.json")
        return try JSONDecoder().decode(StatisticsReference.self, from: Data(contentsOf: file))
    }
}
