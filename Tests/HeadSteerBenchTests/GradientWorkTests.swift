import Gradients
import XCTest

@testable import HeadSteerBench

/// What `headsteer-bench gradients` times.
final class GradientWorkTests: XCTestCase {
    func testGradientsOfAllHeadsAreAskedForAndThereAre() throws {
        let own = try makeTinyModel(layers: 2)
        let run = GradientRun(own.model, workers: own.workers)
        let positions: [GradientWork: [Int]] = [
            .fromLastLogits: Array(0..<9), .fromAllLogits: Array(0..<9), .lastPositions: [8],
        ]
        for work in GradientWork.allCases {
            let texts = try work.texts(Workload(own.configuration), run, tokens: 9, prompts: 3)
            XCTAssertEqual(texts.count, work == .lastPositions ? 3 : 1, work.rawValue)
            for result in try run.gradients(of: texts) {
                XCTAssertEqual(result.reads.count, 2, work.rawValue)
                for read in result.reads {
                    XCTAssertEqual(read.positions, positions[work], work.rawValue)
                    let last = read.gradients.row(read.gradients.rows - 1)
                    XCTAssertFalse(last.allSatisfy { $0 == 0 }, "\(work.rawValue): no gradient")
                }
            }
        }
    }

    func testTheWayBackIsWhatGradientsTakeLonger() throws {
        let times = try GradientWork.fromLastLogits.measure(
            try makeTinyModel(layers: 2), tokens: 40, prompts: 1, rounds: 1)
        XCTAssertGreaterThan(times.forward.lowest, 0)
        var known = GradientWork.Times()
        for (forward, both) in [(1.0, 3.0), (2, 10), (4, 10)] { known.add(forward: forward, both: both) }
        XCTAssertEqual(known.back, Spread([2, 8, 6]))
        XCTAssertEqual(known.ratio, Spread([2, 4, 1.5]))
    }
}
