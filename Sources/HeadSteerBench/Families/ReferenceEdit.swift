import Checkpoints
import DataFiles
import HeadSteer

/// An edit of z as written in reference files, with the fields of a plan's edit.
struct ReferenceEdit: Decodable {
    var layer: Int
    var head: Int
    var operation: String
    var positions: String
    var strength: Float?
    /// The name of the direction's tensor.
    var direction: String?

    func edit(_ tensors: SafetensorsFile) throws -> Edit {
        let vector = try direction.map(tensors.floats) ?? []
        let norm = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        let unit = vector.map { Float(Double($0) / norm) }
        let strength = strength ?? 1
        let change: Change
        switch operation {
        case "add": change = .add(vector.map { strength * $0 })
        case "zero": change = .zero
        case "scale": change = .scale(strength)
        case "project-out": change = .projectOut(unit)
        default:
            throw InputError.badData(
                "the operation \(operation)", in: tensors.file.path, remedy: "make the reference values again")
        }
        let rules: [String: PositionRule] = ["all": .all, "last": .last, "prompt": .prompt, "generated": .generated]
        guard let rule = rules[positions] else {
            throw InputError.badData(
                "the positions \(positions)", in: tensors.file.path, remedy: "make the reference values again")
        }
        return .z(layer: layer, head: head, positions: rule, change)
    }
}
