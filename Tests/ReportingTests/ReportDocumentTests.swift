import Foundation
import XCTest

@testable import Reporting

final class ReportDocumentTests: XCTestCase {
    private let hostile = """
        <script>alert("x")</script> & **bold** | `code` ]]> \u{1B}[31m\u{202E}
        - \u{200F}שלום --> </p></div> <img src=x onerror=alert(1)>
        """ + String(repeating: "long", count: 500)

    /// What readers are to see of it.
    private var shown: String {
        hostile.replacing("\u{1B}", with: "\u{FFFD}").replacing("\u{202E}", with: "\u{FFFD}")
    }

    private let picture = LinePlot(
        title: "Dose", axis: "α",
        panels: [.init("Effect", quantity: "nats", series: [.init("steered", [.init(x: 0, y: 0), .init(x: 1, y: 2)])])]
    ).svg()

    private var small: ReportDocument {
        var table = TextTable([.init("α", .right), .init("score", .right)])
        table.add(["−4", "1.2"])
        return ReportDocument(
            title: "A *report*", summary: "In short.",
            sections: [
                .init("Set-up", [.definitions([.init("Model", "tiny_llama")]), .callout(.warning, "One.\n\nTwo.")]),
                .init(
                    "Results",
                    [
                        .paragraph("First.\nSame.\n\nSecond."), .table(table, caption: "Scores"),
                        .figure(.init("Dose & response", svg: picture, caption: "Curves.", alternative: "It rises")),
                    ]),
                .init(
                    "Texts", level: 2,
                    [
                        .comparison(
                            .init(
                                prompt: "How are you?",
                                columns: [
                                    .init("no edit", text: "I am fine."),
                                    .init("α = +4", text: "\nI am very fine!", judgements: ["happy: 4 of 5"]),
                                    .init("α = −4", text: ""),
                                ])), .preformatted("a\n  b"), .list(["one", "2. two"]),
                    ]),
            ])
    }

    func testMarkdown() {
        XCTAssertEqual(
            small.markdown { "figures/\($0)" },
            """
            # A \\*report\\*

            In short.

            ## Set-up

            - **Model:** tiny\\_llama

            > [!WARNING]
            > One.
            >
            > Two.

            ## Results

            First.<br>Same.

            Second.

            Scores

            |   α | score |
            | --: | ----: |
            |  −4 |   1.2 |

            ![It rises](figures/dose-response.svg)

            Curves.

            ### Texts

            **Prompt:** How are you?

            | no edit | α = +4 | α = −4 |
            | --- | --- | --- |
            | I am fine. | I am <b>very</b> fine<b>!</b> | *(empty)* |
            |  | happy: 4 of 5 |  |

            Marked: words that differ from “no edit”.

            ```text
            a
              b
            ```

            - one
            - 2\\. two

            """)
    }

    func testManyColumnsStandBelowEachOtherInMarkdown() {
        let columns = (0..<5).map {
            TextComparison.Column("α = \($0)", text: "- text \($0)", judgements: ["\($0) of 5"])
        }
        let report = ReportDocument(
            title: "R", sections: [.init("S", [.comparison(.init(prompt: "P", columns: columns, base: nil))])])
        let expected = (0..<5).map { "**α = \($0)**\n\n> \\- text \($0)\n\n\($0) of 5\n" }.joined(separator: "\n")
        XCTAssertEqual(report.markdown(), "# R\n\n## S\n\n**Prompt:** P\n\n\(expected)")
    }

    func testHTMLHasAllPartsAndNothingFromElsewhere() throws {
        let html = small.html()
        let tree = try XMLTree.parse(html)
        XCTAssertEqual(tree.name, "html")
        XCTAssertEqual(tree.all("h1").map(\.text), ["A *report*"])
        XCTAssertEqual(tree.all("h2").map(\.text) + tree.all("h3").map(\.text), ["Set-up", "Results", "Texts"])
        XCTAssertEqual(tree.all("dt").map(\.text) + tree.all("dd").map(\.text), ["Model", "tiny_llama"])
        XCTAssertEqual(tree.all("th").map(\.text) + tree.all("td").map(\.text), ["α", "score", "−4", "1.2"])
        XCTAssertEqual(tree.all("td").map { $0.attributes["class"] }, ["right", "right"])
        // On narrow screens each value stands beside its column's title.
        XCTAssertEqual(tree.all("td").map { $0.attributes["data-label"] }, ["α", "score"])
        XCTAssertEqual(tree.all("table").map { $0.attributes["class"] }, ["few"])
        XCTAssertEqual(tree.all("mark").map(\.text), ["very", "!"])
        XCTAssertEqual(tree.all("pre").map(\.text), ["a\n  b"])
        XCTAssertEqual(tree.all("svg").count, 1)
        XCTAssertEqual(tree.all("figure").map { $0.attributes["aria-label"] }, ["It rises"])
        XCTAssertEqual(tree.all(class: "condition").map(\.text), ["no edit", "α = +4", "α = −4"])
        XCTAssertEqual(tree.all(class: "base").count, 1)
        // The table of contents leads to sections.
        let targets = tree.all("a").compactMap { $0.attributes["href"] }
        XCTAssertEqual(targets, tree.all("section").compactMap { $0.attributes["id"].map { "#\($0)" } })
        XCTAssertEqual(targets.count, 3)
        XCTAssertTrue(
            tree.names.isDisjoint(with: ["script", "link", "img", "iframe", "object", "base"]), "\(tree.names)")
        XCTAssertTrue(tree.attributeNames.isDisjoint(with: ["src", "onclick", "onload", "style"]))
        for outside in ["url(", "@import", "@font-face", "https:"] { XCTAssertFalse(html.contains(outside), outside) }
        XCTAssertEqual(html.components(separatedBy: "http:").count, 3, "the names of two namespaces alone")
        XCTAssertEqual(html, small.html())
    }

    func testWhateverAModelWritesIsShownAndNothingElse() throws {
        var table = TextTable([.init(hostile)])
        table.add([hostile])
        func report(_ text: String) -> ReportDocument {
            ReportDocument(
                title: text, summary: text,
                sections: [
                    .init(
                        text,
                        [
                            .paragraph(text), .list([text]), .definitions([.init(text, text)]),
                            .table(table, caption: text), .figure(.init(text, svg: picture, caption: text)),
                            .comparison(
                                .init(
                                    prompt: text,
                                    columns: [
                                        .init("base", text: "- plain"), .init(text, text: text, judgements: [text]),
                                    ])), .preformatted(text), .callout(.note, text),
                        ])
                ])
        }
        let tree = try XMLTree.parse(report(hostile).html())
        XCTAssertEqual(tree.names, try XMLTree.parse(report("harmless").html()).names.union(["mark"]))
        XCTAssertTrue(tree.attributeNames.isDisjoint(with: ["src", "onerror"]))
        let places = ["h1", "h2", "p", "li", "dt", "dd", "caption", "figcaption", "pre"]
        for place in places {
            XCTAssertTrue(tree.all(place).contains { $0.text == shown }, "\(place): \(tree.all(place).map(\.text))")
        }
        let texts = tree.all(class: "text").map(\.text)
        XCTAssertEqual(texts, [shown, "- plain", shown], "prompt, base and answer")
        XCTAssertEqual(tree.all("td").map(\.text), [shown.replacing("\n", with: "⏎")])
        XCTAssertFalse(tree.all("mark").isEmpty)
        for name in report(hostile).figureFiles().map(\.name) {
            XCTAssertTrue(name.wholeMatch(of: #/[a-z0-9-]{1,80}\.svg/#) != nil, name)
        }
    }

    func testFiguresHaveFilesOfTheirOwn() {
        let names = ["Heads", "heads", "heads!", "heads-2", "../../etc/passwd", "日本", ""]
        let report = ReportDocument(
            title: "", sections: [.init("", names.map { .figure(.init($0, svg: picture, caption: $0)) })])
        let files = report.figureFiles().map(\.name)
        XCTAssertEqual(
            files,
            [
                "heads.svg", "heads-2.svg", "heads-3.svg", "heads-2-2.svg", "etc-passwd.svg", "figure.svg",
                "figure-2.svg",
            ])
        for file in files { XCTAssertTrue(report.markdown().contains("](\(file))"), file) }
    }

    func testAFigureMayBeginWithADeclaration() throws {
        let figure = ReportDocument.Figure(
            "x", svg: "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"><title>t</title></svg>",
            caption: "")
        let tree = try XMLTree.parse(ReportDocument(title: "R", sections: [.init("S", [.figure(figure)])]).html())
        XCTAssertEqual(tree.all("svg").count, 1)
        XCTAssertTrue(tree.all("nav").isEmpty, "one section needs no table of contents")
    }
}
