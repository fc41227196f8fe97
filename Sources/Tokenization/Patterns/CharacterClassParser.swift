/// Reads `[…]`: ranges, categories, nested classes and `&&`.
enum CharacterClassParser {
    /// - Parameter reader: stands after the opening bracket; then after the closing one.
    static func parse(_ reader: inout PatternReader, depth: Int = 0) throws(PatternError) -> ScalarSet {
        guard depth < 8 else { throw PatternError(construct: "classes nested this deep") }
        let isInverted = reader.skip("^")
        var operands: [ScalarSet] = []
        var ranges: [ClosedRange<UInt32>] = []
        var isEmpty = true
        while let scalar = reader.next() {
            if scalar == "]" {
                guard !isEmpty else { throw PatternError(construct: "an empty class") }
                operands.append(ScalarSet(ranges))
                let set = operands.dropFirst().reduce(operands[0]) { $0.intersection($1) }
                return isInverted ? set.inverted : set
            }
            if scalar == "&", reader.current == "&" {
                _ = reader.next()
                operands.append(ScalarSet(ranges))
                ranges = []
                continue
            }
            isEmpty = false
            if scalar == "[" {
                guard reader.current != ":" else { throw PatternError(construct: "a class named `[:…:]`") }
                ranges += try parse(&reader, depth: depth + 1).ranges
                continue
            }
            let first = scalar == "\\" ? try EscapeParser.parse(&reader) : ScalarSet(scalar)
            ranges += try range(from: first, &reader).ranges
        }
        throw PatternError(construct: "a class without its end")
    }

    /// The set, or the range that begins with it.
    private static func range(from first: ScalarSet, _ reader: inout PatternReader) throws(PatternError) -> ScalarSet {
        guard let low = single(first), reader.current == "-" else { return first }
        var ahead = reader
        _ = ahead.next()
        guard let scalar = ahead.next(), scalar != "]" else { return first }
        guard scalar != "[" else { throw PatternError(construct: "a range that ends in a class") }
        guard let high = single(scalar == "\\" ? try EscapeParser.parse(&ahead) : ScalarSet(scalar)), low <= high else {
            throw PatternError(construct: "a range that ends before it begins")
        }
        reader = ahead
        return ScalarSet([low...high])
    }

    private static func single(_ set: ScalarSet) -> UInt32? {
        guard set.ranges.count == 1, let range = set.ranges.first, range.count == 1 else { return nil }
        return range.lowerBound
    }
}

/// Reads what follows a backslash.
enum EscapeParser {
    static func parse(_ reader: inout PatternReader) throws(PatternError) -> ScalarSet {
        guard let scalar = reader.next() else { throw PatternError(construct: "a `\\` at the end") }
        switch scalar {
        case "n": return ScalarSet("\n")
        case "r": return ScalarSet("\r")
        case "t": return ScalarSet("\t")
        case "f": return ScalarSet("\u{C}")
        case "s": return ScalarCategories.whiteSpace
        case "S": return ScalarCategories.whiteSpace.inverted
        case "d": return ScalarCategories.set(named: "Nd") ?? .empty
        case "D": return (ScalarCategories.set(named: "Nd") ?? .empty).inverted
        case "p", "P": return try category(&reader, isInverted: scalar == "P")
        default:
            guard scalar.isASCII, !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar) else {
                throw PatternError(construct: "`\\\(scalar)`")
            }
            return ScalarSet(scalar)
        }
    }

    /// `{L}`, `{Lu}`, `{^N}`.
    private static func category(_ reader: inout PatternReader, isInverted: Bool) throws(PatternError) -> ScalarSet {
        guard reader.skip("{") else { throw PatternError(construct: "`\\p` without a name") }
        let hasCaret = reader.skip("^")
        var name = ""
        while let scalar = reader.next(), scalar != "}" { name.unicodeScalars.append(scalar) }
        guard let set = ScalarCategories.set(named: name) else { throw PatternError(construct: "`\\p{\(name)}`") }
        return isInverted != hasCaret ? set.inverted : set
    }
}
