import Checkpoints
import DataFiles
import Foundation
import Transformer

/// A llama.cpp control vector: a vector for each layer, added to the residual stream after that block at every token.
///
/// In llama.cpp, `direction.N` is added to the output of block N, counted from 0 (after its MLP, `build_cvec` on
/// `l_out`); N is at least 1, so nothing can be added after block 0. The file is a GGUF file of the architecture
/// `controlvector` with `controlvector.model_hint`, `controlvector.layer_count` and the tensors, F32, [M]. It holds the
/// vectors at full strength: use it with `--control-vector FILE`, or scaled with `--control-vector-scaled FILE:X`.
///
/// This expresses less than a plan can. ``ControlVector/init(nearest:model:place:)`` lists in ``losses`` what it leaves
/// out or moves.
public struct ControlVector: Sendable, Equatable {
    /// The architecture of the models that the vector is for.
    public var modelHint: String
    /// The width of the residual stream, M.
    public let width: Int
    /// The vectors by layer, [M] each.
    public private(set) var directions: [Int: [Float]] = [:]
    /// The parts of the plan that the file can't express, one sentence for each.
    public private(set) var losses: [String] = []

    /// Creates the control vector that is closest to some edits.
    ///
    /// An addition v to head h's z is W_O[:,h]·v in the attention's output. This addition, and those to the attention's
    /// output or in the middle of a block, are moved to the end of the block, which is too late for that block's MLP.
    /// Additions to the MLP's output, to the residual stream after a block, or before the next one, are exactly what a
    /// control vector does.
    ///
    /// - Parameters:
    ///   - place: the plan's path, for error messages.
    /// - Throws: `InputError` if no edit can be expressed.
    /// - Complexity: O(edits · weights of an output projection).
    public init(nearest edits: [Edit], model: LanguageModel, place: String = "plan") throws {
        modelHint = model.configuration.architecture
        width = model.configuration.width
        var sums: [Int: [Double]] = [:]
        for (index, edit) in edits.enumerated() where !edit.change.isIdentity {
            let name = "edits[\(index)] (\(BakeableEdits.name(edit)))"
            guard case .add(let vector) = edit.change else {
                losses.append("\(name) is left out: a control vector can only add")
                continue
            }
            guard let layer = Self.layer(edit.site) else {
                losses.append("\(name) is left out: it is not in the residual stream or the attention")
                continue
            }
            guard layer >= 1 else {
                losses.append("\(name) is left out: llama.cpp adds nothing after block 0 or before it")
                continue
            }
            losses += Self.losses(edit, name: name)
            let added = Self.residual(edit, vector, model)
            for (i, value) in added.enumerated() { sums[layer, default: Array(repeating: 0, count: width)][i] += value }
        }
        guard !sums.isEmpty else {
            throw InputError.badData(
                "no edit that a control vector can express", in: place,
                remedy: losses.first ?? "give a plan that adds something at layer 1 or later")
        }
        directions = sums.mapValues { $0.map { Float($0) } }
        guard directions.values.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
            throw InputError(
                .notFinite,
                "NaN or infinite additions", in: place, remedy: "use smaller strengths")
        }
    }

    /// The block after which the closest possible addition is made.
    private static func layer(_ site: Site) -> Int? {
        guard let layer = site.layer else { return nil }
        return switch site.kind {
        case .z, .attentionOut, .residualMid, .mlpOut, .residualPost: layer
        case .residualPre: layer - 1
        default: nil
        }
    }

    private static func losses(_ edit: Edit, name: String) -> [String] {
        var losses: [String] = []
        if [.z, .attentionOut, .residualMid].contains(edit.site.kind), let layer = edit.site.layer {
            losses.append("\(name) is added after block \(layer), so that the block's own MLP doesn't see it")
        }
        if edit.positions != .all { losses.append("\(name) is added at every token, not only at some positions") }
        if edit.schedule != .constant {
            losses.append("\(name) is always added at full strength: there is no schedule")
        }
        if edit.gate != nil { losses.append("\(name) is always added: there is no gate") }
        if edit.keepsNorm { losses.append("\(name) changes the norm: nothing restores it") }
        return losses
    }

    /// The vector that the edit adds to the residual stream, [M].
    private static func residual(_ edit: Edit, _ vector: [Float], _ model: LanguageModel) -> [Double] {
        guard edit.site.kind == .z, let layer = edit.site.layer else { return vector.map(Double.init) }
        let size = model.configuration.headSize
        let heads = edit.head.map { [$0] } ?? Array(0..<model.configuration.heads)
        precondition(
            vector.count == heads.count * size, "An edit of \(edit.site) needs \(heads.count * size) values.")
        var sum = [Double](repeating: 0, count: model.configuration.width)
        for (index, head) in heads.enumerated() {
            let projection = model.outputProjection(layer: layer, head: head)
            for row in 0..<projection.rows {
                for (column, weight) in projection.row(row).enumerated() {
                    sum[row] += Double(weight) * Double(vector[index * size + column])
                }
            }
        }
        return sum
    }

    /// Writes the file under a temporary name in the same folder and then renames it.
    ///
    /// - Throws: `InputError` if the folder can't be written to.
    public func write(to url: URL) throws {
        let layers = directions.keys.sorted()
        let tensors = layers.map { layer in
            let values = directions[layer] ?? []
            return GGUFWriter.Tensor(name: "direction.\(layer)", shape: [width], format: .f32) { emit in
                try values.withUnsafeBytes(emit)
            }
        }
        try GGUFWriter(
            metadata: [
                ("general.architecture", .string("controlvector")),
                ("controlvector.model_hint", .string(modelHint)),
                ("controlvector.layer_count", .int32(Int32(layers.count))),
                ("headsteer.losses", .stringArray(losses)),
            ], tensors: tensors
        ).write(to: url)
    }
}
