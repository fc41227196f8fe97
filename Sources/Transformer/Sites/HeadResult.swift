/// A finding at one head, together with the head.
///
/// Members of the finding can be read as the result's own: `result.effect`. In JSON it is one object: the fields
/// `layer` and `head`, and those of the finding.
@dynamicMemberLookup
public struct HeadResult<Finding> {
    /// The head at which it was found.
    public var head: Head
    /// The finding at this head.
    public var finding: Finding

    /// A finding with its head.
    public init(_ head: Head, _ finding: Finding) {
        self.head = head
        self.finding = finding
    }

    /// A member of the finding.
    public subscript<Value>(dynamicMember member: KeyPath<Finding, Value>) -> Value { finding[keyPath: member] }

    /// A member of the finding that can be set.
    public subscript<Value>(dynamicMember member: WritableKeyPath<Finding, Value>) -> Value {
        get { finding[keyPath: member] }
        set { finding[keyPath: member] = newValue }
    }
}

extension HeadResult: Sendable where Finding: Sendable {}
extension HeadResult: Equatable where Finding: Equatable {}

extension HeadResult: Encodable where Finding: Encodable {
    public func encode(to encoder: any Encoder) throws {
        try head.encode(to: encoder)
        try finding.encode(to: encoder)
    }
}

extension HeadResult: Decodable where Finding: Decodable {
    public init(from decoder: any Decoder) throws {
        self.init(try Head(from: decoder), try Finding(from: decoder))
    }
}
