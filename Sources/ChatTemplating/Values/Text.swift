/// A Python string: Unicode scalars, compared and counted one by one.
///
/// Swift's `String` treats canonically equivalent texts as equal and counts grapheme clusters.
struct Text: Hashable, Sendable {
    var scalars: [Unicode.Scalar]
    /// Whether the filters `safe` or `escape` marked it; text that is added to it with `+` is then escaped.
    var isMarkup = false

    init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }
    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    static func == (left: Text, right: Text) -> Bool { left.scalars == right.scalars }
    func hash(into hasher: inout Hasher) { hasher.combine(scalars) }

    var string: String { String(String.UnicodeScalarView(scalars)) }
    var count: Int { scalars.count }
}

extension Unicode.Scalar {
    /// Python's `str.isspace`, which is also what `\s` matches.
    var isPythonSpace: Bool {
        switch value {
        case 9...13, 28...32, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// Whether Python's `str.splitlines` ends a line here.
    var isPythonLineEnd: Bool {
        switch value {
        case 10...13, 28...30, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    var isASCIIDigit: Bool { ("0"..."9").contains(self) }

    /// Python's `str.isprintable`.
    var isPythonPrintable: Bool {
        if value == 32 { return true }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }

    var isPythonAlphabetic: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    var isPythonNumeric: Bool { properties.numericType != nil }
}

// MARK: - Search

extension Text {
    /// The first position of `needle` at or after `start`, in O(n + m) (Knuth, Morris and Pratt 1977).
    func firstIndex(of needle: [Unicode.Scalar], from start: Int = 0, limit: Int? = nil) -> Int? {
        let end = limit ?? scalars.count
        guard start <= end else { return nil }
        guard let first = needle.first else { return start }
        guard needle.count <= end - start else { return nil }
        if needle.count == 1 { return scalars[start..<end].firstIndex(of: first) }
        let fallback = Text.fallbacks(needle)
        var matched = 0
        for index in start..<end {
            while matched > 0, needle[matched] != scalars[index] { matched = fallback[matched - 1] }
            if needle[matched] == scalars[index] { matched += 1 }
            if matched == needle.count { return index - matched + 1 }
        }
        return nil
    }

    /// The positions of `needle`, from the left and without overlaps.
    func indices(of needle: [Unicode.Scalar], maximum: Int = .max) -> [Int] {
        guard !needle.isEmpty, needle.count <= scalars.count, maximum > 0 else { return [] }
        let fallback = Text.fallbacks(needle)
        var result: [Int] = []
        var matched = 0
        for index in scalars.indices {
            while matched > 0, needle[matched] != scalars[index] { matched = fallback[matched - 1] }
            if needle[matched] == scalars[index] { matched += 1 }
            if matched == needle.count {
                result.append(index - matched + 1)
                if result.count >= maximum { break }
                matched = 0
            }
        }
        return result
    }

    /// For each prefix of the needle, the length of the longest shorter prefix that the prefix also ends with.
    private static func fallbacks(_ needle: [Unicode.Scalar]) -> [Int] {
        var result = [Int](repeating: 0, count: needle.count)
        var length = 0
        for index in needle.indices.dropFirst() {
            while length > 0, needle[length] != needle[index] { length = result[length - 1] }
            if needle[length] == needle[index] { length += 1 }
            result[index] = length
        }
        return result
    }

    func hasPrefix(_ other: [Unicode.Scalar]) -> Bool { scalars.starts(with: other) }

    func hasSuffix(_ other: [Unicode.Scalar]) -> Bool {
        other.count <= scalars.count && scalars.suffix(other.count).elementsEqual(other)
    }
}

// MARK: - Case and trimming

extension Text {
    func uppercased() -> Text { mapped(\.properties.uppercaseMapping) }

    /// The lowercase text, with the final form of sigma at the end of a word, as in Python.
    func lowercased() -> Text { Text(scalars.indices.flatMap { lowercased(at: $0) }) }

    private func lowercased(at index: Int) -> [Unicode.Scalar] {
        let scalar = scalars[index]
        if scalar.value < 128 { return [scalar.lowercasedASCII] }
        if scalar == "Σ", isFinalSigma(index) { return ["ς"] }
        return Array(scalar.properties.lowercaseMapping.unicodeScalars)
    }

    private func isFinalSigma(_ index: Int) -> Bool {
        let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
        let after = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
        return before?.properties.isCased == true && after?.properties.isCased != true
    }

    private func mapped(_ mapping: (Unicode.Scalar) -> String) -> Text {
        Text(scalars.flatMap { Array(mapping($0).unicodeScalars) })
    }

    /// Python's `str.capitalize`.
    func capitalized() -> Text {
        guard let first = scalars.first else { return self }
        let rest = lowercased().scalars.dropFirst(Text([first]).lowercased().count)
        return Text(Array(first.properties.titlecaseMapping.unicodeScalars) + rest)
    }

    /// Python's `str.title`: every run of cased letters starts with a capital.
    func titled() -> Text {
        var result: [Unicode.Scalar] = []
        var afterCased = false
        for (index, scalar) in scalars.enumerated() {
            let properties = scalar.properties
            result += afterCased ? lowercased(at: index) : Array(properties.titlecaseMapping.unicodeScalars)
            afterCased = properties.isCased
        }
        return Text(result)
    }

    /// Python's `str.swapcase`.
    func caseSwapped() -> Text {
        Text(
            scalars.indices.flatMap { index -> [Unicode.Scalar] in
                let properties = scalars[index].properties
                if properties.isUppercase { return lowercased(at: index) }
                return properties.isLowercase ? Array(properties.uppercaseMapping.unicodeScalars) : [scalars[index]]
            })
    }

    func trimmed(start: Bool = true, end: Bool = true, of characters: [Unicode.Scalar]? = nil) -> Text {
        let set = characters.map(Set.init)
        func drops(_ scalar: Unicode.Scalar) -> Bool { set?.contains(scalar) ?? scalar.isPythonSpace }
        var slice = scalars[...]
        if start { slice = slice.drop(while: drops) }
        if end { while let last = slice.last, drops(last) { slice.removeLast() } }
        return Text(Array(slice))
    }
}

extension Unicode.Scalar {
    fileprivate var lowercasedASCII: Unicode.Scalar {
        ("A"..."Z").contains(self) ? Unicode.Scalar(UInt8(value) + 32) : self
    }
}
