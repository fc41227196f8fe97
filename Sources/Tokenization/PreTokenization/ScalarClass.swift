/// The classes that the pre-tokenizers' patterns distinguish: the general categories L, N and P, white space, and the
/// rest.
enum ScalarClass: UInt8 {
    case other = 0
    /// `\p{L}`
    case letter
    /// `\p{N}`
    case number
    /// `\s`: the property White_Space.
    case whiteSpace
    /// `\p{P}`
    case punctuation

    init(_ scalar: Unicode.Scalar) {
        let properties = scalar.properties
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: self = .letter
        case .decimalNumber, .letterNumber, .otherNumber: self = .number
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            self = .punctuation
        default: self = properties.isWhitespace ? .whiteSpace : .other
        }
    }

    /// The class of each scalar in the basic multilingual plane, indexed by scalar value; surrogates are `.other`.
    static let basicPlane: [UInt8] = (0..<0x10000).map { (value: UInt32) in
        Unicode.Scalar(value).map { ScalarClass($0).rawValue } ?? ScalarClass.other.rawValue
    }
}
