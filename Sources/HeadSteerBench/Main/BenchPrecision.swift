import ArgumentParser
import Foundation
import LlamaRuntime

/// The precision in which the model computes: the one place of this program that knows the choices.
enum BenchPrecision: String, CaseIterable, ExpressibleByArgument {
    /// Float32 activations and accumulation, weights exactly as their format says.
    case exact
    /// 8-bit integer products, keys and values in half precision.
    case fast

    /// Opens a model that computes in this precision.
    ///
    /// - Throws: `InputError` where there is no model, it is broken, or its architecture is not supported.
    func open(_ path: String) throws -> LlamaModel {
        var model = try LlamaModel(contentsOf: URL(filePath: path))
        model.precision = self == .exact ? .exact : .fast
        return model
    }
}
