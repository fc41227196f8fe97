import DataFiles
import Directions
import Statistics
import TensorCore
import Transformer
import XCTest

@testable import Auditing

/// The mean cosine of paired differences against loops over all pairs, and what it says of data that are known.
final class FirstLookTests: XCTestCase {
    func testTheMeanCosineIsThatOverAllPairs() {
        var random = SeededGenerator(seed: 3)
        let units = (0..<7).map { _ -> [Double] in
            let values = (0..<5).map { _ in random.gaussian() }
            let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return values.map { $0 / norm }
        }
        var (sum, count) = (0.0, 0)
        for first in units.indices {
            for second in units.indices where second != first {
                sum += zip(units[first], units[second]).reduce(0) { $0 + $1.0 * $1.1 }
                count += 1
            }
        }
        let mean = FirstLook.meanCosine(units, signs: [Double](repeating: 1, count: 7))
        XCTAssertEqual(mean, sum / Double(count), accuracy: 1e-12)
    }

    /// Head 0.1 tells the labels apart along its first coordinate; 0.0 is noise.
    private func look(grouped: Bool, labelsMean: Bool) throws -> FirstLook {
        var random = SeededGenerator(seed: 5)
        let labels = (0..<24).map { $0.isMultiple(of: 2) }
        var values: [Float] = []
        for label in labels {
            for head in 0..<2 {
                for column in 0..<4 {
                    let shift = head == 1 && column == 0 && labelsMean ? (label ? 3.0 : -3) : 0
                    values.append(Float(random.gaussian() + shift))
                }
            }
        }
        let table = try ActivationTable(values: values, examples: 24, layers: 1, heads: 2, headSize: 4)
        let rows = GroupedLabels(labels: labels, groups: (0..<24).map { grouped ? $0 / 2 : $0 })
        return try FirstLook(table, rows: rows, seed: 0, workers: WorkerPool(count: 1))
    }

    func testParallelDifferencesAreSeen() throws {
        for grouped in [true, false] {
            let look = try look(grouped: grouped, labelsMean: true)
            XCTAssertEqual(look.pairs, 12)
            XCTAssertEqual(look.pairsAreGroups, grouped)
            let (noise, carrier) = (look.heads[0], look.heads[1])
            XCTAssertGreaterThan(carrier.cosine, 0.7)
            XCTAssertEqual(carrier.p, 1.0 / 200, accuracy: 1e-12)
            XCTAssertGreaterThan(noise.p, 0.05)
            XCTAssertLessThan(look.nullCosine, carrier.cosine)
        }
    }

    func testLabelsWithoutMeaningAreNot() throws {
        let look = try look(grouped: true, labelsMean: false)
        XCTAssertGreaterThan(look.p, 0.05)
    }
}
