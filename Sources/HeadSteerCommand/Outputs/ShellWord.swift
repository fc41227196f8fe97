import Foundation

/// Paths and texts in a form that can be pasted into a shell.
enum ShellWord {
    /// How this program was called, so that the same words work again.
    static var program: String {
        let name = CommandLine.arguments.first ?? "headsteer"
        return name.contains("/") ? path(URL(filePath: name)) : quoted(name)
    }

    /// A path, relative to the current folder if it lies inside it.
    static func path(_ url: URL) -> String {
        var path = url.standardizedFileURL.path(percentEncoded: false)
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        let base = FileManager.default.currentDirectoryPath + "/"
        if path.hasPrefix(base) { path.removeFirst(base.count) }
        return quoted(path)
    }

    /// A path as the user gave it.
    static func path(_ path: String) -> String { quoted(path) }

    /// A text as one word: between double quotes, or between single ones if it has characters that the shell expands.
    static func text(_ text: String) -> String {
        text.contains { "\"$`\\!".contains($0) } || text.isEmpty ? quoted(text) : "\"\(text)\""
    }

    private static func quoted(_ text: String) -> String {
        let plain = text.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                || "/._-+=:@%".unicodeScalars.contains(scalar)
        }
        return plain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
