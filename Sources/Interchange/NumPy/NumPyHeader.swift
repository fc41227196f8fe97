import DataFiles

/// The header of an `.npy` file: a Python dictionary in ASCII or UTF-8, read strictly.
///
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`, followed by spaces and a line end. No Python code is
/// evaluated: the header may contain only strings without escapes, `True`, `False` and tuples of whole numbers.
struct NumPyHeader {
    let elementType: NumPyElementType
    let isFortranOrder: Bool
    let shape: [Int]

    private enum Value {
        case string(String)
        case bool(Bool)
        case tuple([Int])
    }

    init(_ bytes: UnsafeRawBufferPointer, path: String) throws {
        var parser = Parser(bytes: bytes, path: path)
        var values: [String: Value] = [:]
        try parser.expect("{")
        while !parser.accepts("}") {
            let name = try parser.string()
            try parser.expect(":")
            let value = try parser.value()
            guard ["descr", "fortran_order", "shape"].contains(name), values.updateValue(value, forKey: name) == nil
            else {
                throw parser.failure("the field \(name), which is unknown or given a second time")
            }
            if !parser.accepts(",") {
                try parser.expect("}")
                break
            }
        }
        try parser.expectEnd()
        guard case .string(let type) = values["descr"], case .bool(let isFortranOrder) = values["fortran_order"],
            case .tuple(let shape) = values["shape"]
        else { throw parser.failure("no descr, fortran_order and shape of the right types") }
        guard let elementType = NumPyElementType(type) else {
            throw InputError.badData(
                "elements of the type \(type)", in: path,
                remedy: "save the array as float16, float32 or float64 (labels as bool or integers)")
        }
        self.elementType = elementType
        self.isFortranOrder = isFortranOrder
        self.shape = shape
    }

    /// Parses the dictionary's text.
    private struct Parser {
        let bytes: UnsafeRawBufferPointer
        let path: String
        var offset = 0

        func failure(_ problem: String) -> InputError {
            .badData(
                "a header with \(problem)", in: "\(path) at byte \(offset) of the header",
                remedy: "save the array with numpy.save again")
        }

        mutating func skipSpaces() {
            while offset < bytes.count, bytes[offset] == 0x20 || bytes[offset] == 0x0A { offset += 1 }
        }

        mutating func accepts(_ character: Unicode.Scalar) -> Bool {
            skipSpaces()
            guard offset < bytes.count, UInt32(bytes[offset]) == character.value else { return false }
            offset += 1
            return true
        }

        mutating func expect(_ character: Unicode.Scalar) throws {
            guard accepts(character) else { throw failure("something other than \(character)") }
        }

        mutating func expectEnd() throws {
            skipSpaces()
            guard offset == bytes.count else { throw failure("text after the dictionary") }
        }

        mutating func string() throws -> String {
            skipSpaces()
            guard offset < bytes.count, bytes[offset] == 0x27 || bytes[offset] == 0x22 else {
                throw failure("something other than a string")
            }
            let quote = bytes[offset]
            let start = offset + 1
            guard let end = bytes[start...].firstIndex(of: quote), !bytes[start..<end].contains(0x5C),
                let text = String(validating: bytes[start..<end], as: UTF8.self)
            else { throw failure("a string that doesn't end or has escapes") }
            offset = end + 1
            return text
        }

        mutating func value() throws -> Value {
            skipSpaces()
            guard offset < bytes.count else { throw failure("a field without a value") }
            switch bytes[offset] {
            case 0x27, 0x22: return .string(try string())
            case 0x28: return .tuple(try tuple())
            default:
                for (word, value) in [("True", true), ("False", false)] where bytes[offset...].starts(with: word.utf8) {
                    offset += word.utf8.count
                    return .bool(value)
                }
                throw failure("a value that isn't a string, a truth value or a tuple")
            }
        }

        /// `()`, `(3,)`, `(3, 4)`.
        mutating func tuple() throws -> [Int] {
            try expect("(")
            var numbers: [Int] = []
            while !accepts(")") {
                numbers.append(try number())
                guard numbers.count <= 32 else { throw failure("more axes than NumPy has") }
                if !accepts(",") {
                    guard numbers.count > 1 else { throw failure("a number in brackets instead of a tuple") }
                    try expect(")")
                    break
                }
            }
            return numbers
        }

        mutating func number() throws -> Int {
            skipSpaces()
            var value = 0
            let start = offset
            while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) {
                let (product, overflow) = value.multipliedReportingOverflow(by: 10)
                let (sum, isTooLarge) = product.addingReportingOverflow(Int(bytes[offset] - 0x30))
                guard !overflow, !isTooLarge else { throw failure("an impossible size") }
                value = sum
                offset += 1
            }
            guard offset > start else { throw failure("something other than a whole number") }
            return value
        }
    }
}
