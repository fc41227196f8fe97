/// Unicode's general categories and white space, as sets of scalars.
enum ScalarCategories {
    /// The scalars of the category that a pattern names (`L`, `Lu`, `P`, …); nil for an unknown name.
    static func set(named name: String) -> ScalarSet? {
        guard names.contains(where: { $0.hasPrefix(name) }), (1...2).contains(name.count) else { return nil }
        return ScalarSet(runs.filter { $0.category.hasPrefix(name) }.map(\.scalars))
    }

    /// `\s`: the property White_Space.
    static let whiteSpace = ScalarSet(
        (0..<0x10000 as Range<UInt32>).compactMap { value in
            guard let scalar = Unicode.Scalar(value), scalar.properties.isWhitespace else { return nil }
            return value...value
        })

    private static let names = [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn",
    ]

    private struct CategoryRun {
        var scalars: ClosedRange<UInt32>
        var category: String
    }

    /// All scalars, grouped in runs of one category.
    private static let runs: [CategoryRun] = {
        var runs: [CategoryRun] = []
        var start: UInt32 = 0
        var current = name(of: 0)
        func end(before value: UInt32) { runs.append(CategoryRun(scalars: start...value - 1, category: current)) }
        for value in 1...0x10_FFFF as ClosedRange<UInt32> {
            // No version of Unicode has characters on planes 4 to 13.
            if (0x4_0000..<0xE_0000).contains(value), current == "Cn" { continue }
            let category = name(of: value)
            if category != current {
                end(before: value)
                (start, current) = (value, category)
            }
        }
        end(before: 0x11_0000)
        return runs
    }()

    private static func name(of value: UInt32) -> String {
        guard let scalar = Unicode.Scalar(value) else { return "Cs" }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter: return "Lu"
        case .lowercaseLetter: return "Ll"
        case .titlecaseLetter: return "Lt"
        case .modifierLetter: return "Lm"
        case .otherLetter: return "Lo"
        case .nonspacingMark: return "Mn"
        case .spacingMark: return "Mc"
        case .enclosingMark: return "Me"
        case .decimalNumber: return "Nd"
        case .letterNumber: return "Nl"
        case .otherNumber: return "No"
        case .connectorPunctuation: return "Pc"
        case .dashPunctuation: return "Pd"
        case .openPunctuation: return "Ps"
        case .closePunctuation: return "Pe"
        case .initialPunctuation: return "Pi"
        case .finalPunctuation: return "Pf"
        case .otherPunctuation: return "Po"
        case .mathSymbol: return "Sm"
        case .currencySymbol: return "Sc"
        case .modifierSymbol: return "Sk"
        case .otherSymbol: return "So"
        case .spaceSeparator: return "Zs"
        case .lineSeparator: return "Zl"
        case .paragraphSeparator: return "Zp"
        case .control: return "Cc"
        case .format: return "Cf"
        case .surrogate: return "Cs"
        case .privateUse: return "Co"
        case .unassigned: return "Cn"
        @unknown default: return "Cn"
        }
    }
}
