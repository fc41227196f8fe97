extension ReportDocument {
    /// The report in Markdown, for GitHub.
    ///
    /// Texts that are compared are a table if there are at most four, otherwise quotes one below the other.
    ///
    /// - Parameter figurePath: the path from the Markdown file to a figure of `figureFiles()`; by default the same
    ///   folder.
    public func markdown(figurePath: (String) -> String = { $0 }) -> String {
        var paths = figureFiles().map { figurePath($0.name) }[...]
        var parts = ["# \(Self.line(title))"]
        if !summary.isEmpty { parts += Self.paragraphs(summary) }
        for section in sections {
            parts.append("\(section.level == 1 ? "##" : "###") \(Self.line(section.title))")
            for block in section.blocks {
                if case .figure(let figure) = block {
                    let alternative = Self.line(figure.alternative)
                    parts.append("![\(alternative)](\(MarkupText.link(paths.removeFirst())))")
                    if !figure.caption.isEmpty { parts.append(MarkupText.markdown(figure.caption)) }
                } else {
                    parts += Self.markdown(block)
                }
            }
        }
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }

    private static func markdown(_ block: Block) -> [String] {
        switch block {
        case .paragraph(let text): return paragraphs(text)
        case .list(let items): return [items.map { "- \(MarkupText.markdown($0))" }.joined(separator: "\n")]
        case .definitions(let items):
            return [
                items.map { "- **\(line($0.term)):** \(MarkupText.markdown($0.text, startsBlock: false))" }.joined(
                    separator: "\n")
            ]
        case .table(let table, let caption):
            return (caption.isEmpty ? [] : [MarkupText.markdown(caption)]) + [table.markdown()]
        case .figure: return []
        case .comparison(let comparison): return markdown(comparison)
        case .preformatted(let text): return [MarkupText.fenced(text)]
        case .callout(let kind, let text):
            let lines = paragraphs(text).joined(separator: "\n\n").split(
                separator: "\n", omittingEmptySubsequences: false)
            let quoted = ["> [!\(kind.rawValue.uppercased())]"] + lines.map { $0.isEmpty ? ">" : "> \($0)" }
            return [quoted.joined(separator: "\n")]
        }
    }

    private static func markdown(_ comparison: TextComparison) -> [String] {
        let isTable = comparison.columns.count <= 4
        var parts = ["**Prompt:** \(MarkupText.markdown(comparison.prompt, startsBlock: false))"]
        let texts = comparison.columns.indices.map { index in
            let text = MarkupText.markdown(comparison.pieces(index), startsBlock: !isTable)
            return text.isEmpty ? "*(empty)*" : text
        }
        let judgements = comparison.columns.map { column in
            column.judgements.map { MarkupText.markdown($0, startsBlock: !isTable) }.joined(separator: "<br>")
        }
        let titles = comparison.columns.map { line($0.title) }
        if isTable {
            var rows = [titles, titles.map { _ in "---" }, texts]
            if judgements.contains(where: { !$0.isEmpty }) { rows.append(judgements) }
            parts.append(rows.map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n"))
        } else {
            for index in titles.indices { parts += ["**\(titles[index])**", "> \(texts[index])", judgements[index]] }
        }
        if let note = comparison.markNote { parts.append(MarkupText.markdown(note)) }
        return parts
    }

    /// The paragraphs of a text, which are separated by empty lines.
    private static func paragraphs(_ text: String) -> [String] {
        var paragraphs: [[Substring]] = [[]]
        for line in MarkupText.clean(text).split(separator: "\n", omittingEmptySubsequences: false) {
            if line.allSatisfy({ $0 == " " }) {
                paragraphs.append([])
            } else {
                paragraphs[paragraphs.count - 1].append(line)
            }
        }
        return paragraphs.filter { !$0.isEmpty }.map { MarkupText.markdown($0.joined(separator: "\n")) }
    }

    /// A text on one line without spaces at its ends, for places where asterisks would not be taken as markup.
    private static func line(_ text: String) -> String {
        let words = TextWrapping.printable(text).split { $0.isWhitespace }
        return words.isEmpty ? "—" : MarkupText.markdown(words.joined(separator: " "), startsBlock: false)
    }
}
