extension ReportDocument {
    /// The report as one self-contained HTML file, which is also well-formed XML.
    ///
    /// It uses no scripts, fonts, styles or pictures from elsewhere, and its content policy forbids them.
    ///
    /// It follows the reader's choice of light or dark, and it can be printed. On narrow screens, texts that are side
    /// by side and the columns of tables are stacked. With three or more sections there is a table of contents.
    public func html() -> String {
        let contents = sections.count >= 3
        var lines = [
            """
            <!DOCTYPE html>
            <html xmlns="http://www.w3.org/1999/xhtml" lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <title>\(MarkupText.xml(title))</title>
            <style>
            \(ReportStyleSheet.text)</style>
            </head>
            <body\(contents ? " class=\"wide\"" : "")>
            <header>
            <h1 dir="auto">\(MarkupText.xml(title))</h1>
            """
        ]
        if !summary.isEmpty { lines.append(Self.paragraph(summary, attributes: " class=\"summary\"")) }
        lines.append("</header>")
        if contents { lines.append(tableOfContents) }
        lines.append("<main>")
        for (index, section) in sections.enumerated() {
            let heading = section.level == 1 ? "h2" : "h3"
            lines.append(
                """
                <section id="section-\(index + 1)">
                <\(heading) dir="auto">\(MarkupText.xml(section.title))</\(heading)>
                """)
            lines += section.blocks.map(Self.html)
            lines.append("</section>")
        }
        lines += ["</main>", "</body>", "</html>", ""]
        return lines.joined(separator: "\n")
    }

    private var tableOfContents: String {
        let items = sections.enumerated().map { index, section in
            let name = section.level == 1 ? "" : " class=\"sub\""
            return "<li\(name)><a href=\"#section-\(index + 1)\">\(MarkupText.xml(section.title))</a></li>"
        }
        return "<nav aria-label=\"Contents\">\n<ul>\n\(items.joined(separator: "\n"))\n</ul>\n</nav>"
    }

    private static func html(_ block: Block) -> String {
        switch block {
        case .paragraph(let text): return paragraph(text)
        case .list(let items):
            let lines = items.map { "<li dir=\"auto\">\(MarkupText.xml(MarkupText.clean($0)))</li>" }
            return "<ul>\n\(lines.joined(separator: "\n"))\n</ul>"
        case .definitions(let items):
            let lines = items.map {
                """
                <div><dt dir="auto">\(MarkupText.xml($0.term))</dt><dd \
                dir="auto">\(MarkupText.xml(MarkupText.clean($0.text)))</dd></div>
                """
            }
            return "<dl>\n\(lines.joined(separator: "\n"))\n</dl>"
        case .table(let table, let caption): return html(table, caption: caption)
        case .figure(let figure): return html(figure)
        case .comparison(let comparison): return html(comparison)
        case .preformatted(let text): return "<pre tabindex=\"0\">\(MarkupText.xml(text))</pre>"
        case .callout(let kind, let text):
            return """
                <div class="callout \(kind.rawValue)" role="note">
                <p class="kind">\(kind.rawValue.capitalized)</p>
                \(paragraph(text))
                </div>
                """
        }
    }

    /// A text that keeps its line breaks.
    private static func paragraph(_ text: String, attributes: String = "") -> String {
        "<p dir=\"auto\"\(attributes)>\(MarkupText.xml(MarkupText.clean(text)))</p>"
    }

    private static func html(_ table: TextTable, caption: String) -> String {
        func attributes(_ column: Int, text: String? = nil) -> String {
            if table.columns[column].alignment == .right { return " class=\"right\"" }
            // An interval or another short text reads better on one line.
            return column > 0 && text.map { DisplayWidth.of($0) <= 20 } ?? false ? " class=\"whole\"" : ""
        }
        let head = table.columns.indices.map {
            "<th scope=\"col\"\(attributes($0))>\(MarkupText.xml(table.columns[$0].title))</th>"
        }
        let rows = table.rows.map { row in
            let cells = row.indices.map { column in
                """
                <td dir="auto" data-label="\(MarkupText.xml(table.columns[column].title))"\(attributes(column, text: row[column]))>\
                \(MarkupText.xml(row[column]))</td>
                """
            }
            return "<tr>\(cells.joined())</tr>"
        }
        // Tables with more columns are stacked on wider screens already.
        let size = table.columns.count >= 8 ? "many" : table.columns.count >= 4 ? "some" : "few"
        var lines = ["<div class=\"scroll\" tabindex=\"0\">", "<table class=\"\(size)\">"]
        if !caption.isEmpty { lines.append("<caption dir=\"auto\">\(MarkupText.xml(caption))</caption>") }
        lines += ["<thead>", "<tr>\(head.joined())</tr>", "</thead>"]
        lines += ["<tbody>"] + rows + ["</tbody>", "</table>", "</div>"]
        return lines.joined(separator: "\n")
    }

    private static func html(_ figure: Figure) -> String {
        // Anything before it, such as an XML declaration, is valid only at the start of a file.
        let svg = figure.svg.firstRange(of: "<svg").map { figure.svg[$0.lowerBound...] } ?? ""
        let caption =
            figure.caption.isEmpty ? "" : "<figcaption dir=\"auto\">\(MarkupText.xml(figure.caption))</figcaption>\n"
        return """
            <figure aria-label="\(MarkupText.xml(figure.alternative))">
            <div class="scroll">
            \(svg)</div>
            \(caption)</figure>
            """
    }

    private static func html(_ comparison: TextComparison) -> String {
        let columns = comparison.columns.indices.map { index in
            let column = comparison.columns[index]
            let pieces = comparison.pieces(index)
            let text = pieces.map { piece in
                piece.isMarked ? "<mark>\(MarkupText.xml(piece.text))</mark>" : MarkupText.xml(piece.text)
            }.joined()
            let shown =
                text.isEmpty ? "<p class=\"text dim\">(empty)</p>" : "<p class=\"text\" dir=\"auto\">\(text)</p>"
            let judgements = column.judgements.map { "<li dir=\"auto\">\(MarkupText.xml($0))</li>" }.joined()
            let list = judgements.isEmpty ? "" : "\n<ul class=\"judgements\">\(judgements)</ul>"
            let name = index == comparison.base ? " class=\"base\"" : ""
            let title = MarkupText.xml(column.title)
            return """
                <div role="group" aria-label="\(title)"\(name)>
                <p class="condition" dir="auto">\(title)</p>
                \(shown)\(list)
                </div>
                """
        }
        let note = comparison.markNote.map { "\n<p class=\"dim\">\(MarkupText.xml($0))</p>" } ?? ""
        return """
            <div class="comparison">
            <div class="prompt"><p class="kind">Prompt</p><p class="text" \
            dir="auto">\(MarkupText.xml(MarkupText.clean(comparison.prompt)))</p></div>
            <div class="columns">
            \(columns.joined(separator: "\n"))
            </div>\(note)
            </div>
            """
    }
}
