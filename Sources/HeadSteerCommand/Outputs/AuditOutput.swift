import Auditing

/// The output of `audit --json`, and `report.json`: the report's fields and more.
struct AuditOutput: Encodable {
    /// The least score that was asked for, and whether the model has it.
    struct Gate: Encodable {
        var least: Double
        var holds: Bool
    }

    var report: AuditReport
    var gate: Gate?

    private enum Key: String, CodingKey { case controls, sideEffects, gate }

    func encode(to encoder: any Encoder) throws {
        try report.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(report.controls, forKey: .controls)
        try container.encode(report.sideEffects, forKey: .sideEffects)
        try container.encodeIfPresent(gate, forKey: .gate)
    }
}
