import Foundation
import Transformer
import _TestSupport

@testable import Monitoring

extension MonitorFileTests {
    /// A model of another shape than the planted one.
    static func tiny() throws -> LanguageModel {
        try LanguageModel(contentsOf: FixtureLocation.fixtures.appending(path: "tiny-llamas/grouped"))
    }
}

extension HeadMonitor {
    /// The same monitor, as if it had been fitted on another file.
    init(_ other: HeadMonitor, fingerprint: String) {
        var model = other.model
        model.fingerprint = fingerprint
        self.init(
            model: model, positions: other.positions, smoothing: other.smoothing, envelope: other.envelope,
            standards: other.standards, radii: other.radii, signature: other.signature, tolerances: other.tolerances,
            seed: other.seed, detectors: other.detectors, tokenThreshold: other.tokenThreshold,
            answerThreshold: other.answerThreshold, record: other.record)
    }
}
