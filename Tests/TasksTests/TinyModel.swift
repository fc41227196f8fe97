import Transformer
import _TestSupport

/// One of the tiny random models in `Fixtures/tiny-llamas`.
func tinyModel(_ name: String) throws -> LanguageModel {
    try LanguageModel(contentsOf: FixtureLocation.fixtures.appending(path: "tiny-llamas/\(name)"))
}

/// A vector of a fixed shape without meaning, [n].
func arbitraryVector(_ n: Int, scale: Float = 1) -> [Float] {
    (0..<n).map { scale * Float(($0 * 7 + 3) % 11 - 5) / 5 }
}
