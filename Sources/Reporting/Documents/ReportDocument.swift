import DataFiles

/// A report: a title and sections with text, tables, figures and texts side by side.
///
/// It renders as one self-contained HTML file (`html()`), and as Markdown with its figures in separate files
/// (`markdown(figurePath:)`, `figureFiles()`). All texts are plain: since a model may write anything, they are shown as
/// they are and never taken for markup.
public struct ReportDocument: Sendable {
    /// The title of the document and of its page.
    public var title: String
    /// A short summary of the report, below the title; empty for none.
    public var summary: String
    /// The sections, in order.
    public var sections: [Section]

    /// Creates a document, by default without sections, which can be added later.
    public init(title: String, summary: String = "", sections: [Section] = []) {
        self.title = title
        self.summary = summary
        self.sections = sections
    }

    /// A section with a heading.
    public struct Section: Sendable {
        /// The heading.
        public var title: String
        /// 1, or 2 for a subsection of the section before it.
        public var level: Int
        /// The content below the heading.
        public var blocks: [Block]

        /// Creates a section.
        ///
        /// - Precondition: a level of 1 or 2.
        public init(_ title: String, level: Int = 1, _ blocks: [Block] = []) {
            precondition((1...2).contains(level), "A section's level is 1 or 2, not \(level).")
            self.title = title
            self.level = level
            self.blocks = blocks
        }
    }

    /// A piece of content in a section.
    public enum Block: Sendable {
        /// A paragraph with wrapped text.
        case paragraph(String)
        /// A list with one line per item.
        case list([String])
        /// Terms with their explanations.
        case definitions([Definition])
        /// A table, with a caption unless that is empty.
        case table(TextTable, caption: String = "")
        /// A picture.
        case figure(Figure)
        /// Texts side by side.
        case comparison(TextComparison)
        /// Monospaced text that keeps its lines.
        case preformatted(String)
        /// A highlighted paragraph, and why it is highlighted.
        case callout(Callout, String)
    }

    /// A term with its explanation: `Model` and the model's name.
    public struct Definition: Sendable, Equatable {
        /// The term.
        public var term: String
        /// The explanation.
        public var text: String

        /// Creates a term with its explanation.
        public init(_ term: String, _ text: String) {
            self.term = term
            self.text = text
        }
    }

    /// A picture with a caption.
    public struct Figure: Sendable, Equatable {
        /// The name of its file, without `.svg`; characters that don't suit file names are replaced.
        public var name: String
        /// The picture, such as `LinePlot.svg()`.
        ///
        /// It is inserted into the HTML unchanged, so it must come from code that escapes texts, as this library's
        /// pictures do.
        public var svg: String
        /// The text below the picture.
        public var caption: String
        /// A description of the picture, for people who can't see it.
        public var alternative: String

        /// - Parameter alternative: a description of the picture; by default the caption.
        /// - Precondition: a figure needs an SVG picture.
        public init(_ name: String, svg: String, caption: String, alternative: String? = nil) {
            precondition(svg.contains("<svg"), "A figure needs an SVG picture.")
            self.name = name
            self.svg = svg
            self.caption = caption
            self.alternative = alternative ?? caption
        }
    }

    /// The reason that a text is highlighted.
    public enum Callout: String, Sendable, CaseIterable {
        /// Useful to know.
        case note
        /// Needed to read the report correctly.
        case important
        /// A reason to doubt the report's conclusions.
        case warning
    }

    /// The figures in order, with a different file name for each: `dose-response.svg`.
    public func figureFiles() -> [(name: String, svg: String)] {
        var used: [String: Int] = [:]
        return sections.flatMap(\.blocks).compactMap { block in
            guard case .figure(let figure) = block else { return nil }
            let stem = Self.stem(figure.name)
            var name = stem
            while let count = used[name] {
                used[name] = count + 1
                name = "\(stem)-\(count + 1)"
            }
            used[name] = 1
            return ("\(name).svg", figure.svg)
        }
    }

    /// The name in lowercase ASCII letters and digits, with hyphens in place of everything else.
    private static func stem(_ name: String) -> String {
        let words = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return words.isEmpty ? "figure" : String(words.joined(separator: "-").prefix(80))
    }
}
