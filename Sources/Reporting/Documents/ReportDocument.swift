import DataFiles

/// A report: a title and sections of texts, tables, figures and texts beside each other.
///
/// It renders as one self-contained HTML file (`html()`) and as Markdown with its figures in files beside it
/// (`markdown(figurePath:)`, `figureFiles()`). All texts are plain: whatever they hold is shown and never taken for markup, as
/// what a model writes may be anything.
public struct ReportDocument: Sendable {
    public var title: String
    /// What the report says in short, below the title. Empty for none.
    public var summary: String
    public var sections: [Section]

    public init(title: String, summary: String = "", sections: [Section] = []) {
        self.title = title
        self.summary = summary
        self.sections = sections
    }

    /// A part with a heading.
    public struct Section: Sendable {
        public var title: String
        /// 1, or 2 for a part of the section before it.
        public var level: Int
        public var blocks: [Block]

        public init(_ title: String, level: Int = 1, _ blocks: [Block] = []) {
            precondition((1...2).contains(level), "A section's level is 1 or 2, not \(level).")
            self.title = title
            self.level = level
            self.blocks = blocks
        }
    }

    /// What sections consist of.
    public enum Block: Sendable {
        case paragraph(String)
        case list([String])
        case definitions([Definition])
        /// A table, with a caption where it isn't empty.
        case table(TextTable, caption: String = "")
        case figure(Figure)
        case comparison(TextComparison)
        /// Text in a font of equal widths whose lines stay as they are.
        case preformatted(String)
        case callout(Callout, String)
    }

    /// A term and what it stands for: `Model` and the model's name.
    public struct Definition: Sendable, Equatable {
        public var term: String
        public var text: String

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
        public var caption: String
        /// What the picture shows, for those who can't see it.
        public var alternative: String

        /// - Parameter alternative: by default the caption.
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
        case note, important, warning
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
