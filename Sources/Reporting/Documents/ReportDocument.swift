import DataFiles

/// A report: a title and sections of texts, tables, figures and texts beside each other.
///
/// It renders as one self-contained HTML file (`html()`) and as Markdown with its figures in files beside it
/// (`markdown(figurePath:)`, `figureFiles()`). All texts are plain: whatever they hold is shown and never taken for markup, as
/// what a model writes may be anything.
public struct ReportDocument: Sendable {
    /// The document's title, also the page's.
    public var title: String
    /// What the report says in short, below the title. Empty for none.
    public var summary: String
    /// The parts, in their order.
    public var sections: [Section]

    /// A document, by default without sections: they can be added as they are made.
    public init(title: String, summary: String = "", sections: [Section] = []) {
        self.title = title
        self.summary = summary
        self.sections = sections
    }

    /// A part with a heading.
    public struct Section: Sendable {
        /// The heading.
        public var title: String
        /// 1, or 2 for a part of the section before it.
        public var level: Int
        /// What stands below it.
        public var blocks: [Block]

        /// A part.
        ///
        /// - Precondition: a level of 1 or 2.
        public init(_ title: String, level: Int = 1, _ blocks: [Block] = []) {
            precondition((1...2).contains(level), "A section's level is 1 or 2, not \(level).")
            self.title = title
            self.level = level
            self.blocks = blocks
        }
    }

    /// What sections consist of.
    public enum Block: Sendable {
        /// A paragraph, whose text is wrapped.
        case paragraph(String)
        /// A list, an item each.
        case list([String])
        /// Terms and what they stand for.
        case definitions([Definition])
        /// A table, with a caption where it isn't empty.
        case table(TextTable, caption: String = "")
        /// A picture.
        case figure(Figure)
        /// Texts beside each other.
        case comparison(TextComparison)
        /// Text in a font of equal widths whose lines stay as they are.
        case preformatted(String)
        /// A paragraph that stands out, and why.
        case callout(Callout, String)
    }

    /// A term and what it stands for: `Model` and the model's name.
    public struct Definition: Sendable, Equatable {
        /// The term.
        public var term: String
        /// What it stands for.
        public var text: String

        /// A term and what it stands for.
        public init(_ term: String, _ text: String) {
            self.term = term
            self.text = text
        }
    }

    /// A picture with a caption.
    public struct Figure: Sendable, Equatable {
        /// What its file is called, without `.svg`; characters that don't suit file names are replaced.
        public var name: String
        /// The picture, such as `LinePlot.svg()`. It becomes a part of the HTML as it is, so it must come from code that
        /// escapes texts, as this library's pictures do.
        public var svg: String
        /// What stands below the picture.
        public var caption: String
        /// What the picture shows, for those who can't see it.
        public var alternative: String

        /// - Parameter alternative: by default the caption.
        /// - Precondition: a figure needs an SVG picture.
        public init(_ name: String, svg: String, caption: String, alternative: String? = nil) {
            precondition(svg.contains("<svg"), "A figure needs an SVG picture.")
            self.name = name
            self.svg = svg
            self.caption = caption
            self.alternative = alternative ?? caption
        }
    }

    /// Why a text stands out.
    public enum Callout: String, Sendable, CaseIterable {
        /// Good to know.
        case note
        /// Needed to read the report rightly.
        case important
        /// What makes the report's conclusions doubtful.
        case warning
    }

    /// The figures in their order with names for their files, no name twice: `dose-response.svg`.
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

    /// Small letters and digits of ASCII, and hyphens for everything else.
    private static func stem(_ name: String) -> String {
        let words = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return words.isEmpty ? "figure" : String(words.joined(separator: "-").prefix(80))
    }
}
