import DataFiles
import Foundation

/// The blocks of a PEM file (RFC 7468); text between them is ignored.
public struct PEMText: Sendable {
    /// One block: its label and its decoded Base64.
    public struct Block: Sendable {
        /// `PUBLIC KEY`, `CERTIFICATE` and so on.
        public let label: String
        /// The bytes between the lines that begin and end the block.
        public let bytes: Data
        /// Whether there are lines such as `Proc-Type:` before the bytes, which means that these are encrypted.
        let hasHeaders: Bool
    }

    /// The blocks, in file order.
    public let blocks: [Block]

    /// Reads a file.
    ///
    /// - Throws: `InputError` of the kind `.missingFile`, or `.badData` if a block is broken.
    public init(contentsOf url: URL) throws {
        let file = try MappedFile(contentsOf: url)
        try self.init(withExtendedLifetime(file) { String(decoding: file.bytes, as: UTF8.self) }, place: file.path)
    }

    /// - Parameter place: the file, for error messages.
    public init(_ text: String, place: String) throws {
        var blocks: [Block] = []
        var label: String?
        var body = ""
        var hasHeaders = false
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            if let opened = label {
                guard line != "-----END \(opened)-----" else {
                    guard let bytes = hasHeaders ? Data() : Data(base64Encoded: body) else {
                        throw InputError(
                            .unreadable, "a \(opened) that isn't base 64", in: "\(place): line \(number + 1)",
                            remedy: "fetch or write the file again")
                    }
                    blocks.append(Block(label: opened, bytes: bytes, hasHeaders: hasHeaders))
                    label = nil
                    continue
                }
                if line.contains(":") { hasHeaders = true } else { body += line }
            } else if line.hasPrefix("-----BEGIN "), line.hasSuffix("-----") {
                label = String(line.dropFirst(11).dropLast(5))
                (body, hasHeaders) = ("", false)
            }
        }
        if let label {
            throw InputError(
                .unreadable, "a \(label) without an end", in: place, remedy: "fetch or write the file again")
        }
        self.blocks = blocks
    }

    /// A block as text, in lines of 64 characters.
    static func text(_ bytes: Data, label: String) -> String {
        let digits = Array(bytes.base64EncodedString())
        let lines = stride(from: 0, to: digits.count, by: 64).map { String(digits[$0..<min($0 + 64, digits.count)]) }
        return (["-----BEGIN \(label)-----"] + lines + ["-----END \(label)-----"]).joined(separator: "\n") + "\n"
    }
}
