import Foundation
import _TestSupport

/// What `Fixtures/monitoring/make_reference.py` computed with NumPy and scikit-learn.
struct MonitoringReference: Decodable {
    struct Covariance: Decodable {
        var columns: Int
        var rows, mean, covariance: [Double]
        var shrinkage: Double
        /// Squared distances by the covariance itself, without a ridge.
        var mahalanobis: [Double]
        /// ln of the moving average's squared length over what independent rows would give, λ = 0.1.
        var shift: [Double]
    }
    struct Conformal: Decodable {
        var scores: [[[Double]]]
        var rate: Double
        var threshold: Double?
    }

    var covariances: [Covariance]
    var conformal: [Conformal]

    static func load() throws -> MonitoringReference {
        let file = FixtureLocation.fixtures.appending(path: "monitoring/reference.json")
        return try JSONDecoder().decode(MonitoringReference.self, from: Data(contentsOf: file))
    }
}
