import DataFiles

/// Reads a valid UTF-8 text scalar by scalar with the class of each; the pre-tokenizers are built on it.
struct TextScanner {
    let text: UnsafeBufferPointer<UInt8>
    private let classes: UnsafeBufferPointer<UInt8>
    /// Whether each byte is read as its scalar in the byte-level alphabet, as by a pre-tokenizer after `ByteLevel`.
    private let readsBytes: Bool

    /// - Parameter classes: `ScalarClass.basicPlane`.
    init(text: UnsafeBufferPointer<UInt8>, classes: UnsafeBufferPointer<UInt8>, readsBytes: Bool = false) {
        precondition(classes.count == 0x10000, "The class table covers the basic multilingual plane.")
        self.text = text
        self.classes = classes
        self.readsBytes = readsBytes
    }

    /// One scalar of the text: its value, its class and the offset after it.
    ///
    /// At the region's end it is `none`.
    struct Element {
        var value: UInt32
        var kind: ScalarClass?
        var next: Int

        @inline(__always) var isLetter: Bool { kind == .letter }
        @inline(__always) var isNumber: Bool { kind == .number }
        @inline(__always) var isWhiteSpace: Bool { kind == .whiteSpace }
        /// `[^\s\p{L}\p{N}]`
        @inline(__always) var isOther: Bool { kind == .other || kind == .punctuation }
        @inline(__always) var isLineEnd: Bool { value == 0x0A || value == 0x0D }
    }

    /// The scalar at `offset`, or one without a class at the region's end.
    @inline(__always)
    func element(at offset: Int, end: Int) -> Element {
        guard offset < end else { return Element(value: .max, kind: nil, next: offset) }
        let first = text[offset]
        if first < 0x80 {
            return readsBytes
                ? byteElement(at: offset)
                : Element(value: UInt32(first), kind: kind(of: UInt32(first)), next: offset &+ 1)
        }
        if readsBytes { return byteElement(at: offset) }
        let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        var value = UInt32(first) & (length == 2 ? 0x1F : length == 3 ? 0x0F : 0x07)
        let next = min(offset &+ length, end)
        var index = offset &+ 1
        while index < next {
            value = value << 6 | UInt32(text[index] & 0x3F)
            index &+= 1
        }
        return Element(value: value, kind: kind(of: value), next: next)
    }

    private func byteElement(at offset: Int) -> Element {
        let value = ByteLevelAlphabet.scalars[Int(text[offset])].value
        return Element(value: value, kind: kind(of: value), next: offset &+ 1)
    }

    /// The offset at which the scalar before `offset` begins.
    @inline(__always)
    func offset(before offset: Int) -> Int {
        var offset = offset &- 1
        if readsBytes { return offset }
        while offset > 0, text[offset] & 0xC0 == 0x80 { offset &-= 1 }
        return offset
    }

    @inline(__always)
    private func kind(of value: UInt32) -> ScalarClass {
        if value < 0x10000 { return ScalarClass(rawValue: classes[Int(value)]) ?? .other }
        return Unicode.Scalar(value).map { ScalarClass($0) } ?? .other
    }

    /// The offset after the run of scalars from `offset` that satisfy the condition.
    @inline(__always)
    func end(ofRunFrom offset: Int, end: Int, while condition: (Element) -> Bool) -> Int {
        var offset = offset
        while offset < end {
            let element = element(at: offset, end: end)
            if !condition(element) { break }
            offset = element.next
        }
        return offset
    }
}
