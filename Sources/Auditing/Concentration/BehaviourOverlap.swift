import DataFiles
import Directions
import Foundation
import Intervention
import Transformer

/// How much a behaviour that was audited before shares with the heads and directions of this one.
public struct BehaviourOverlap: Sendable, Codable, Equatable {
    /// The other behaviour's name.
    public var name: String
    /// Heads that were called for both.
    public var shared: [String]
    /// The cosine of both directions at the heads called here, in their order; nil if the other has none.
    public var cosines: [Double?]
}

/// A behaviour that was audited before, as its folder keeps it.
public struct AuditedBehaviour: Sendable {
    /// The behaviour's name in reports.
    public var name: String
    /// The heads that were called.
    public var heads: [String]
    /// The directions of all heads, as the audit wrote them.
    public var directions: DirectionFile

    /// Reads `report.json` and `directions.safetensors` of an audit's folder.
    ///
    /// - Parameter fingerprint: the fingerprint of the model that is audited.
    /// - Throws: `InputError` if a file is missing or wrong, or belongs to another model or protocol.
    public init(contentsOf folder: URL, fingerprint: String) throws {
        let report = try JSONObject(contentsOf: folder.appending(path: "report.json"))
        guard let version = try report.string("protocol") else { throw report.missing("protocol") }
        guard version == AuditProtocol.version else {
            throw InputError(
                .unsupported, "the protocol \(version)", in: "\(report.place): protocol",
                remedy: "audit it again: this version compares \(AuditProtocol.version)")
        }
        guard let name = try report.string("behaviour") else { throw report.missing("behaviour") }
        guard let heads = try report.strings("heads") else { throw report.missing("heads") }
        self.name = name
        self.heads = heads
        directions = try DirectionFile(contentsOf: folder.appending(path: "directions.safetensors"))
        guard directions.metadata["fingerprint"] == fingerprint else {
            throw InputError.badData(
                "directions of another model", in: "\(directions.place): metadata fingerprint",
                remedy: "give audits of the same model")
        }
    }

    /// How much this behaviour shares with an audit's heads and directions.
    public func overlap(with outcome: Audit.Outcome) -> BehaviourOverlap {
        let called = outcome.report.heads
        return BehaviourOverlap(
            name: name, shared: called.filter(heads.contains),
            cosines: called.map { head in
                guard let own = outcome.plan.directions?[head]?.vector, let other = directions[head]?.vector,
                    own.count == other.count
                else { return nil }
                func product(_ a: [Float], _ b: [Float]) -> Double {
                    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
                }
                let length = (product(own, own) * product(other, other)).squareRoot()
                return length > 0 ? product(own, other) / length : nil
            })
    }
}
