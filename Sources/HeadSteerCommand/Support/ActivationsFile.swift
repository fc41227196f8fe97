import Checkpoints
import DataFiles
import Foundation
import Intervention
import LlamaRuntime
import Probing
import TensorCore

/// z of labelled texts as `collect` writes it: a safetensors file with the tensor `z` and strings that say what it is.
struct ActivationsFile {
    /// z at the last position, [examples, L, H, D].
    let table: ActivationTable
    let labels: [Bool]
    let groups: [String]
    /// The mean norm of the residual stream before each layer, [L].
    let residualNorms: [Double]
    /// The model's fingerprint.
    let fingerprint: String?

    static let format = "headsteer.activations/1"

    init(table: ActivationTable, labels: [Bool], groups: [String], residualNorms: [Double], fingerprint: String?) {
        self.table = table
        self.labels = labels
        self.groups = groups
        self.residualNorms = residualNorms
        self.fingerprint = fingerprint
    }

    /// Reads a file.
    ///
    /// - Throws: `InputError` with what is missing or wrong.
    init(contentsOf url: URL) throws {
        let file = try SafetensorsFile(contentsOf: url)
        let place = file.file.path
        guard let shape = file["z"]?.shape else {
            throw InputError.badData("no tensor z", in: place, remedy: "write the file with headsteer collect")
        }
        if let positions = file.metadata["positions"], positions != "last" {
            throw InputError.badData(
                "z at \(positions) positions", in: place, remedy: "collect with --positions last")
        }
        guard shape.count == 4, shape.allSatisfy({ $0 > 0 }) else {
            throw InputError.badData(
                "the shape \(shape)", in: "\(place): z", remedy: "write it as [examples, layers, heads, head size]")
        }
        labels = try Self.strings("labels", as: [Bool].self, in: file, count: shape[0])
        groups =
            file.metadata["groups"] == nil
            ? labels.indices.map { "row \($0)" }
            : try Self.strings("groups", as: [String].self, in: file, count: shape[0])
        table = try ActivationTable(
            values: try file.floats("z"), examples: shape[0], layers: shape[1], heads: shape[2], headSize: shape[3])
        residualNorms = file["residual-norms"] == nil ? [] : try file.floats("residual-norms").map(Double.init)
        guard residualNorms.isEmpty || residualNorms.count == shape[1] else {
            throw InputError.badData(
                "\(residualNorms.count) values", in: "\(place): residual-norms", remedy: "there is one for each layer")
        }
        fingerprint = file.metadata["fingerprint"]
    }

    /// The directions of all heads as a plan's directions file.
    func directionFile(_ directions: [HeadDirection], estimator: DirectionEstimator) -> DirectionFile {
        var result = DirectionFile()
        for direction in directions {
            result.add(
                direction.name,
                DirectionFile.Entry(
                    vector: direction.vector, sigma: Float(direction.sigma), mean: direction.mean,
                    headNorm: Float(direction.headNorm),
                    residualNorm: residualNorms.isEmpty ? nil : Float(residualNorms[direction.layer])))
        }
        result.metadata = ["estimator": estimator.rawValue, "site": "z", "positions": "last"]
        result.metadata["fingerprint"] = fingerprint
        return result
    }

    private static func strings<Element: Decodable>(
        _ key: String, as type: [Element].Type, in file: SafetensorsFile, count: Int
    ) throws -> [Element] {
        let place = "\(file.file.path): metadata \(key)"
        guard let text = file.metadata[key],
            let values = try? JSONDecoder().decode(type, from: Data(text.utf8))
        else {
            throw InputError.badData("no JSON array", in: place, remedy: "write the file with headsteer collect")
        }
        guard values.count == count else {
            throw InputError.badData(
                "\(values.count) values for \(count) examples", in: place,
                remedy: "write the file with headsteer collect")
        }
        return values
    }
}
