import Intervention
import Transformer

/// What a checkpoint says of itself: the edits that were baked into it.
///
/// A record can be wrong or missing, so weights are compared all the same, and reports say whether they agree.
public struct RecordedEdits: Sendable, Encodable, Equatable {
    /// The targets that were edited: heads as `12.8`, whole sites as `attention-out.12`.
    public var targets: [String]
    /// Whether the edits were baked into the model that this one is compared with.
    public var isOfOther: Bool

    /// - Parameter plan: the plan in the record.
    public init(_ plan: InterventionPlan, isOfOther: Bool) {
        var known: Set<EditTarget> = []
        targets = plan.edits.map(\.target).filter { known.insert($0).inserted }.map(\.description)
        self.isOfOther = isOfOther
    }

    private var heads: Set<Head> { Set(targets.compactMap { EditTarget($0)?.head }) }
    private var wholeLayers: Set<Int> {
        Set(targets.compactMap { EditTarget($0) }.filter { $0.head == nil }.map(\.layer))
    }

    /// A sentence on what the record of B says, and whether the weights say the same.
    ///
    /// - Parameters:
    ///   - changed: the heads whose weights changed.
    ///   - unexplainedBiases: the layers whose output bias can't be explained by a few heads.
    public func finding(changed: [Head], unexplainedBiases: [Int]) -> String {
        let said =
            "B's record says that edits of \(Self.list(targets)) were baked into "
            + (isOfOther ? "A" : "a model other than A")
        let unnamed = changed.filter { !heads.contains($0) && !wholeLayers.contains($0.layer) }
        let missing = heads.subtracting(changed).sorted()
        let untold = missing.filter { unexplainedBiases.contains($0.layer) }
        let unseen = missing.filter { !unexplainedBiases.contains($0.layer) }
        var but: [String] = []
        if !unnamed.isEmpty {
            but.append("it doesn't name \(Self.list(unnamed.map(\.description))), which changed too")
        }
        if !unseen.isEmpty { but.append("nothing of \(Self.list(unseen.map(\.description))) changed") }
        if !untold.isEmpty {
            but.append(
                "weights can't tell whether \(Self.list(untold.map(\.description))) are the heads: their layer's bias "
                    + "comes from more heads than can be told apart")
        }
        return but.isEmpty ? "\(said); the weights agree." : "\(said), but \(but.joined(separator: ", and "))."
    }

    private static func list(_ names: [String]) -> String {
        guard !names.isEmpty else { return "nothing" }
        return names.prefix(24).joined(separator: ", ") + (names.count > 24 ? ", …" : "")
    }
}
