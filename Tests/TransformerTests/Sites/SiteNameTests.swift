import DataFiles
import TensorCore
import Transformer
import XCTest
import _TestSupport

final class SiteNameTests: XCTestCase {
    func testEveryNameNamesItsSite() throws {
        let configuration = try ReferenceModel.tiny("grouped").model.configuration
        let sites = Site.all(configuration)
        XCTAssertEqual(sites.count, 15 * 3 + 2)
        XCTAssertEqual(Set(sites).count, sites.count)
        for site in sites {
            XCTAssertEqual(try Site(name: site.transformerLensName, configuration: configuration), site)
            XCTAssertEqual(try Site(name: site.huggingFaceName(in: configuration), configuration: configuration), site)
            XCTAssertEqual("\(site)", site.transformerLensName)
        }
        let names = sites.flatMap { [$0.transformerLensName, $0.huggingFaceName(in: configuration)] }
        XCTAssertEqual(Set(names).count, names.count, "names of two sites")
    }

    /// Names as TransformerLens and Hugging Face document them.
    func testNamesOfOthers() throws {
        let configuration = try ReferenceModel.tiny("grouped").model.configuration
        for (name, site) in [
            ("blocks.2.attn.hook_z", Site.z(2)), ("model.layers.2.self_attn.o_proj.input", .z(2)),
            ("blocks.0.hook_resid_pre", .residualPre(0)), ("blocks.0.hook_resid_mid", .residualMid(0)),
            ("blocks.1.hook_resid_post", .residualPost(1)), ("blocks.1.attn.hook_pattern", .pattern(1)),
            ("blocks.1.hook_attn_out", .attentionOut(1)), ("blocks.1.attn.hook_rot_q", .rotatedQuery(1)),
            ("blocks.1.mlp.hook_post", .mlpPost(1)), ("blocks.1.hook_mlp_out", .mlpOut(1)),
            ("model.layers.1.self_attn.v_proj.output", .value(1)), ("model.layers.1.mlp.down_proj.input", .mlpPost(1)),
            ("model.norm.output", .finalNorm), ("lm_head.output", .logits),
        ] {
            XCTAssertEqual(try Site(name: name, configuration: configuration), site, name)
        }
    }

    func testUnknownNamesListTheNearest() throws {
        let configuration = try ReferenceModel.tiny("grouped").model.configuration
        for (name, nearest) in [
            ("blocks.1.attn.hook_zz", "blocks.1.attn.hook_z"), ("blocks.2.hook_residpost", "blocks.2.hook_resid_post"),
            ("blocks.3.attn.hook_z", "blocks.0.attn.hook_z"),
            ("model.layer.1.self_attn.o_proj.input", "model.layers.1"),
            ("", "lm_head.output"),
        ] {
            XCTAssertThrowsError(try Site(name: name, configuration: configuration)) { error in
                XCTAssertEqual((error as? InputError)?.kind, .usage, "\(error)")
                XCTAssertTrue("\(error)".contains(nearest), "\(error) should list \(nearest)")
            }
        }
    }

    /// Shape and size are those of what a run keeps; shapes by the configuration of the model's config.json.
    func testShapesAndSizes() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let c = model.configuration
        let tokens = [1, 2, 3, 4]
        let sites = Site.all(c)
        let result = try model.pass(tokens, reads: sites.map { Read($0) }, workers: WorkerPool(count: 1))
        for (site, read) in zip(sites, result.reads) {
            XCTAssertEqual(read.positions, [3], "\(site)")
            XCTAssertEqual(read.values.columns, site.size(c, keys: tokens.count), "\(site)")
            XCTAssertEqual(site.shape(c, keys: 4).count, site.kind.axes.count, "\(site)")
        }
        let expected: [(SiteKind, [Int])] = [
            (.residualPre, [30]), (.query, [6, 8]), (.key, [2, 8]), (.value, [2, 8]), (.rotatedQuery, [6, 8]),
            (.rotatedKey, [2, 8]), (.pattern, [6, 4]), (.z, [6, 8]), (.attentionOut, [30]), (.residualMid, [30]),
            (.mlpPre, [32]), (.mlpPreLinear, [32]), (.mlpPost, [32]), (.mlpOut, [30]), (.residualPost, [30]),
        ]
        for (kind, shape) in expected { XCTAssertEqual(Site(kind, layer: 1).shape(c, keys: 4), shape, "\(kind)") }
        XCTAssertEqual(Site.finalNorm.shape(c), [30])
        XCTAssertEqual(Site.logits.shape(c), [96])
        XCTAssertEqual(SiteKind.allCases.filter { !$0.isEditable }, [.pattern])
    }
}
