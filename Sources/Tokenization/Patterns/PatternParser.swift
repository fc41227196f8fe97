/// An error in a pattern, or a construct that is not supported.
struct PatternError: Error, Equatable {
    /// The construct, as named in error messages.
    var construct: String
}

/// Reads the regular expressions of pre-tokenizers.
///
/// It supports the part of Oniguruma's (Ruby's) syntax that has the same meaning in every version of Unicode and in
/// every engine that models were trained with.
///
/// This covers groups, alternatives, classes with categories and intersections, `\s`, `\d`, greedy and possessive
/// quantifiers, lookahead, atomic groups, `(?i:…)` over ASCII letters, and `$`. Anything else is an error that names
/// the construct, rather than a split that is nearly right. This includes `\w`, `\b`, scripts, look-behind and
/// back-references.
struct PatternParser {
    private var reader: PatternReader
    private var depth = 0
    private var ignoresCase = false

    /// The limits on the nesting of groups and on the number of scalars in a pattern.
    private static let deepest = 32
    static let longest = 8192

    static func parse(_ text: String) throws(PatternError) -> PatternNode {
        var parser = PatternParser(reader: PatternReader(text))
        guard parser.reader.count <= longest else { throw PatternError(construct: "a pattern this long") }
        let node = try parser.alternatives()
        guard parser.reader.current == nil else { throw PatternError(construct: "a `)` without a group") }
        return node
    }

    private mutating func alternatives() throws(PatternError) -> PatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw PatternError(construct: "groups nested this deep") }
        var choices = [try sequence()]
        while reader.skip("|") { choices.append(try sequence()) }
        return choices.count == 1 ? choices[0] : .alternatives(choices)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var parts: [PatternNode] = []
        var previous: Unicode.Scalar?
        while let scalar = reader.current, scalar != "|", scalar != ")" {
            if ignoresCase { try checkFolding(previous, scalar) }
            previous = scalar
            parts.append(try quantified(try atom()))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    /// Rejects pairs of ASCII letters that equal a single letter if case is ignored (`ss` is `ß`, `fi` a ligature).
    private func checkFolding(_ first: Unicode.Scalar?, _ second: Unicode.Scalar) throws(PatternError) {
        guard let first else { return }
        let pair = (String(first) + String(second)).lowercased()
        guard !["ss", "st", "ff", "fi", "fl"].contains(pair) else {
            throw PatternError(construct: "`\(pair)` without case")
        }
    }

    private mutating func atom() throws(PatternError) -> PatternNode {
        guard let scalar = reader.next() else { return .sequence([]) }
        switch scalar {
        case "(": return try group()
        case "[":
            let set = try CharacterClassParser.parse(&reader)
            guard !ignoresCase else { throw PatternError(construct: "a class without case") }
            return .scalar(set)
        case "\\": return .scalar(try EscapeParser.parse(&reader))
        case ".": return .scalar(ScalarSet("\n").inverted)
        case "$": return .lineEnd
        case "*", "+", "?", "{", "}", "^", "]": throw PatternError(construct: "`\(scalar)` here")
        default: return .scalar(try literal(scalar))
        }
    }

    /// A single scalar; if case is ignored, `s` also matches the long s and `k` the Kelvin sign (Unicode's simple case
    /// folding).
    private func literal(_ scalar: Unicode.Scalar) throws(PatternError) -> ScalarSet {
        guard ignoresCase else { return ScalarSet(scalar) }
        guard scalar.isASCII else { throw PatternError(construct: "`\(scalar)` without case") }
        var set = ScalarSet(scalar)
        guard scalar.properties.isAlphabetic else { return set }
        set = set.union(ScalarSet([(scalar.value ^ 0x20)...(scalar.value ^ 0x20)]))
        switch scalar {
        case "s", "S": return set.union(ScalarSet("\u{17F}"))
        case "k", "K": return set.union(ScalarSet("\u{212A}"))
        default: return set
        }
    }

    /// Reads a group, after its opening parenthesis.
    private mutating func group() throws(PatternError) -> PatternNode {
        let outer = ignoresCase
        defer { ignoresCase = outer }
        var wrap: (PatternNode) -> PatternNode = { $0 }
        if reader.skip("?") {
            if reader.skip(":") {
            } else if reader.skip("i:") {
                ignoresCase = true
            } else if reader.skip("=") {
                wrap = { .lookahead($0, negated: false) }
            } else if reader.skip("!") {
                wrap = { .lookahead($0, negated: true) }
            } else if reader.skip(">") {
                wrap = { .atomic($0) }
            } else {
                throw PatternError(construct: "`(?\(reader.current.map { String($0) } ?? "")`")
            }
        }
        let inside = try alternatives()
        guard reader.skip(")") else { throw PatternError(construct: "a group without its end") }
        return wrap(inside)
    }

    private mutating func quantified(_ node: PatternNode) throws(PatternError) -> PatternNode {
        var node = node
        while let (least, most, isCounted) = try quantifier() {
            switch node {
            case .lookahead, .lineEnd: throw PatternError(construct: "a quantifier of what consumes nothing")
            default: break
            }
            guard most < .max || node.shortest > 0 else {
                throw PatternError(construct: "an unlimited repetition of what may be empty")
            }
            // After `{…}`, these marks mean something else than after other quantifiers, and not the same in every
            // engine.
            if reader.current == "?" || isCounted && reader.current == "+" {
                throw PatternError(construct: "a lazy quantifier")
            }
            node = .repeated(node, least: least, most: most, keeps: reader.skip("+"))
        }
        return node
    }

    /// `*`, `+`, `?`, `{n}`, `{n,}` or `{n,m}`; nil if there is none.
    private mutating func quantifier() throws(PatternError) -> (least: Int, most: Int, isCounted: Bool)? {
        if reader.skip("*") { return (0, .max, false) }
        if reader.skip("+") { return (1, .max, false) }
        if reader.skip("?") { return (0, 1, false) }
        guard reader.skip("{") else { return nil }
        let least = reader.number()
        let most = reader.skip(",") ? reader.number() ?? .max : least
        guard let least, let most, reader.skip("}"), least <= most, least <= 1024, most == .max || most <= 1024 else {
            throw PatternError(construct: "this `{`")
        }
        return (least, most, true)
    }
}
