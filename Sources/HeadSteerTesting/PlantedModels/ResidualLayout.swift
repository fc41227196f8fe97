/// The meaning of the residual stream's coordinates in the planted model.
enum ResidualLayout {
    static let width = 64

    /// The code of the grammatical state that follows the token, and thus of the next word.
    static let state = 0..<48
    /// A token's identity: noise without any design.
    static let identity = 48..<57
    /// The signed mood of the token itself; only the planted heads' values read it.
    static let tokenMood = 57
    /// 1 at mood words of either sign; the planted heads' keys look for it.
    static let moodFlag = 58
    /// 1 at the beginning-of-sequence token, to which the planted heads attend when there is no mood word.
    static let sink = 59
    /// 1 at every token, as the basis for constant queries and the words' base rate.
    static let constant = 60
    /// 1 where the next word is a mood slot.
    static let slot = 61
    /// The mood of the context, written by the planted heads.
    static let contextMood = 62
    /// The mood that the next word should have: the context's mood, which the last MLP lets through only at mood slots.
    static let wantedMood = 63

    /// The coordinates that noise may read: all but the mood's three.
    static let readable = [Int](0..<57) + [moodFlag, sink, constant, slot]
    /// The coordinates that noise may write.
    static let writable = [Int](0..<57)
}

/// The model's shape.
enum Shape {
    static let layers = 6
    static let heads = 4
    static let headSize = 16
    static let feedForward = 96
    static let context = 512
    static let ropeBase: Float = 10000
    static let normEpsilon: Float = 1e-5
}
