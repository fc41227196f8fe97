import TensorCore
import Transformer
import XCTest
import _TestSupport

/// Every site of tiny models, against transformers in float32.
final class SiteParityTests: XCTestCase {
    private let workers = WorkerPool(count: 2)

    func testSitesOfTinyModels() throws {
        for name in ReferenceModel.tinyNames { try checkSites(.tiny(name)) }
    }

    func testSitesOfGGUF() throws { try checkSites(.tinyGGUF()) }

    /// The sites don't depend on how the prompt is cut into passes.
    func testSitesOfTokensOneByOne() throws {
        let reference = try ReferenceModel.tiny("grouped")
        let ids = try reference.ids
        let run = reference.run(promptCount: 5, workers: workers)
        for (position, id) in ids.enumerated() {
            let result = try run.advance([
                Step(tokens: [id], reads: [Read(.z(2), at: .all), Read(.residualPost(2), at: .all)], logits: .all)
            ])[0]
            for site in [Site.z(2), .residualPost(2)] {
                let expected = try reference.sites.floats(site.transformerLensName)
                let size = site.size(reference.model.configuration)
                assertClose(
                    result[site]?.values.elements ?? [], expected[(position * size)..<((position + 1) * size)],
                    relative: 1e-5, "\(site) at \(position)")
            }
        }
    }

    private func checkSites(_ reference: ReferenceModel) throws {
        let configuration = reference.model.configuration
        let ids = try reference.ids
        let sites = Site.all(configuration)
        let run = reference.run(promptCount: ids.count, workers: workers)
        let result = try run.advance([
            Step(tokens: ids, reads: sites.map { Read($0, at: .all) }, logits: .all)
        ])[0]
        XCTAssertEqual(result.reads.count, sites.count)
        for read in result.reads {
            let site = read.read.site
            XCTAssertEqual(read.positions, Array(ids.indices), "\(reference.name) \(site)")
            XCTAssertEqual(
                read.values.columns, site.size(configuration, keys: ids.count), "\(reference.name) \(site)")
            let expected = try reference.sites.floats(Self.fixtureName(site))
            let actual = site.kind == .pattern ? Self.headsFirst(read.values, configuration) : read.values.elements
            assertClose(actual, expected, relative: 1e-5, "\(reference.name) \(site)")
        }
        assertClose(
            result.logits.elements, try reference.sites.floats("logits"), relative: 1e-5, "\(reference.name) logits")
    }

    private static func fixtureName(_ site: Site) -> String {
        switch site.kind {
        case .finalNorm: "ln_final.hook_normalized"
        case .logits: "logits"
        default: site.transformerLensName
        }
    }

    /// [T, H, T] → [H, T, T], as the reference has it.
    private static func headsFirst(_ pattern: Matrix, _ configuration: ModelConfiguration) -> [Float] {
        (0..<configuration.heads).flatMap { head in
            (0..<pattern.rows).flatMap { row in
                pattern.row(row).dropFirst(head * pattern.rows).prefix(pattern.rows)
            }
        }
    }
}
