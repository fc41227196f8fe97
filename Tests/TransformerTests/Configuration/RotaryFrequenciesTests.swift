import Foundation
import XCTest
import _TestSupport

@testable import Transformer

/// Scaled rotary frequencies at the sizes of real models, against transformers: kept, divided, and those between.
final class RotaryFrequenciesTests: XCTestCase {
    private struct Reference: Decodable {
        var rope_type: String
        var factor: Double
        var low_freq_factor: Double?
        var high_freq_factor: Double?
        var original_max_position_embeddings: Double
        var rope_theta: Double
        var size: Int
        var magnitude: Double
        var frequencies: [Double]

        var scaling: RopeScaling {
            get throws {
                if rope_type == "yarn" {
                    return .yarn(
                        YarnScaling(
                            factor: factor, originalContext: original_max_position_embeddings, magnitude: magnitude))
                }
                return .llama3(
                    factor: factor, lowFrequencyFactor: try XCTUnwrap(low_freq_factor),
                    highFrequencyFactor: try XCTUnwrap(high_freq_factor),
                    originalContext: original_max_position_embeddings)
            }
        }
    }

    func testScaledFrequencies() throws {
        let url = FixtureLocation.fixtures.appending(path: "numerics/rope-frequencies.json")
        let references = try JSONDecoder().decode([String: Reference].self, from: Data(contentsOf: url))
        XCTAssertEqual(references.count, 3)
        for (name, reference) in references {
            let rotary = RotaryEmbedding(
                RotaryDescription(size: reference.size, base: reference.rope_theta, scaling: try reference.scaling))
            XCTAssertEqual(rotary.half, reference.frequencies.count, name)
            // At position 1 the angle is the frequency.
            var cosines = [Float](repeating: 0, count: rotary.half)
            var sines = cosines
            rotary.fill(position: 1, promptCount: 1, cosines: &cosines, sines: &sines)
            for (i, frequency) in reference.frequencies.enumerated() {
                let sine = sin(frequency) * reference.magnitude
                XCTAssertEqual(Double(sines[i]), sine, accuracy: 2e-6 * abs(sine), "\(name), frequency \(i)")
                XCTAssertEqual(
                    Double(cosines[i]), cos(frequency) * reference.magnitude, accuracy: 2e-6, "\(name), frequency \(i)")
            }
        }
    }
}
