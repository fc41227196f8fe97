/// The fields of a JSON object, in the order of the file, each name once, found by name in O(1).
///
/// Names are compared by their bytes, as RFC 8259 asks. `String` would treat canonically equivalent names (`é` as one
/// scalar and as two) as the same, and vocabularies have such pieces.
package struct JSONFields: Sendable, RandomAccessCollection {
    package typealias Element = (name: String, value: JSONValue)

    private var elements: [Element] = []
    /// Where each name is in `elements`; empty while there are so few that a linear search is as fast.
    private var positions: [Name: Int] = [:]
    private static let fewNames = 8

    package init() {}

    package var startIndex: Int { 0 }
    package var endIndex: Int { elements.count }
    package subscript(position: Int) -> Element { elements[position] }

    /// The value with that name; nil if there is none.
    package subscript(name: String) -> JSONValue? { position(of: name).map { elements[$0].value } }

    /// Adds a field at the end.
    ///
    /// - Returns: whether it was added; false if there is already a field with that name.
    package mutating func append(_ name: String, _ value: JSONValue) -> Bool {
        if elements.count < Self.fewNames {
            guard position(of: name) == nil else { return false }
        } else {
            if positions.isEmpty {
                for (position, element) in elements.enumerated() { positions[Name(text: element.name)] = position }
            }
            let key = Name(text: name)
            guard positions[key] == nil else { return false }
            positions[key] = elements.count
        }
        elements.append((name, value))
        return true
    }

    private func position(of name: String) -> Int? {
        let name = Name(text: name)
        return positions.isEmpty ? elements.firstIndex { Name(text: $0.name) == name } : positions[name]
    }

    /// A name that is compared by its bytes.
    private struct Name: Hashable {
        var text: String

        static func == (first: Name, second: Name) -> Bool {
            // Equal bytes make equal strings, and equal strings nearly always have equal bytes: the bytes are seldom
            // compared one by one only to say no.
            first.text == second.text && first.text.utf8.elementsEqual(second.text.utf8)
        }

        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }
}
