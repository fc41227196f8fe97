import Generation

/// What was said and answered, and how the answer was made.
struct TalkTurn: Encodable {
    var message: String
    var text: String
    var ids: [Int]
    var stopReason: StopReason
    var plan: String?
    var strength: Double?
    /// Whether the monitor flagged the answer; nil without one.
    var flagged: Bool?
    /// The heads that it named.
    var heads: [String]?
}
