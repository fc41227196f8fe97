/// Python's escape sequences in string literals.
enum StringEscapes {
    static func decode(_ raw: ArraySlice<Unicode.Scalar>) throws -> Text {
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(raw.count)
        var index = raw.startIndex
        while index < raw.endIndex {
            guard raw[index] == "\\", index + 1 < raw.endIndex else {
                result.append(raw[index])
                index += 1
                continue
            }
            let escape = raw[index + 1]
            index += 2
            if let simple = simple[escape] {
                result.append(simple)
                continue
            }
            switch escape {
            case "\n": break
            case "x": result.append(try hex(raw, &index, digits: 2))
            case "u": result.append(try hex(raw, &index, digits: 4))
            case "U": result.append(try hex(raw, &index, digits: 8))
            case "N":
                throw Failure(.unsupported, "characters by name", construct: "\\N{…}", remedy: "write the character")
            case "0"..."7": result.append(octal(raw, &index, first: escape))
            default: result += ["\\", escape]
            }
        }
        return Text(result)
    }

    private static let simple: [Unicode.Scalar: Unicode.Scalar] = [
        "\\": "\\", "'": "'", "\"": "\"", "a": "\u{7}", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t",
        "v": "\u{B}",
    ]

    private static func hex(_ raw: ArraySlice<Unicode.Scalar>, _ index: inout Int, digits: Int) throws -> Unicode.Scalar
    {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard index < raw.endIndex, raw[index].isASCII, let digit = Character(raw[index]).hexDigitValue else {
                throw Failure(.syntax, "the escape needs \(digits) hexadecimal digits", construct: "string literal")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw Failure(.syntax, "the escape is no Unicode character", construct: "string literal")
        }
        return scalar
    }

    private static func octal(_ raw: ArraySlice<Unicode.Scalar>, _ index: inout Int, first: Unicode.Scalar)
        -> Unicode.Scalar
    {
        var value = first.value - 48
        for _ in 0..<2 {
            guard index < raw.endIndex, ("0"..."7").contains(raw[index]) else { break }
            value = value << 3 | (raw[index].value - 48)
            index += 1
        }
        return Unicode.Scalar(UInt16(value)) ?? " "
    }
}
