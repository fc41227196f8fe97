public enum WeightFormat: UInt32, Sendable, CaseIterable {
    case f32 = 0, f16 = 1, q4_0 = 2, q4_1 = 3, q5_0 = 6, q5_1 = 7, q8_0 = 8, q2_K = 10, q3_K = 11, q4_K = 12, q5_K = 13,
        q6_K = 14, bf16 = 30
    public var name: String { "\(self)".uppercased() }
    public var weightsPerBlock: Int {
        switch self {
        case .f32, .f16, .bf16: 1;
        case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0: 32;
        default: 256
        }
    }
    public var bytesPerBlock: Int {
        switch self {
        case .f32: 4;
        case .f16, .bf16: 2;
        case .q4_0: 18;
        case .q4_1: 20;
        case .q5_0: 22;
        case .q5_1: 24;
        case .q8_0: 34;
        case .q2_K: 84;
        case .q3_K: 110;
        case .q4_K: 144;
        case .q5_K: 176;
        case .q6_K: 210
        }
    }
    public func byteCount(weights: Int) -> Int? {
        guard weights % weightsPerBlock == 0 else { return nil }
        let (r, o) = (weights / weightsPerBlock).multipliedReportingOverflow(by: bytesPerBlock)
        return o ? nil : r
    }
}
