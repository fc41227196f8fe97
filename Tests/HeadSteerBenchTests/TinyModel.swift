import XCTest
import _TestSupport

@testable import HeadSteerBench

extension XCTestCase {
    /// A model of random weights that is opened from a file, as large ones are.
    func makeTinyModel(layers: Int) throws -> OwnModel {
        let shape = ModelShape(
            name: "tiny", layers: layers, width: 64, heads: 2, kvHeads: 1, headSize: 32, feedForward: 96,
            vocabulary: 280, context: 256, ropeBase: 10_000, tiedEmbeddings: true)
        let file = try makeTemporaryFolder().appending(path: "tiny.Q8_0.gguf")
        try RandomModel(shape, format: .q8_0, seed: 0).writer().write(to: file)
        return try OwnModel(path: file.path(percentEncoded: false), precision: .exact, threads: 2)
    }
}
