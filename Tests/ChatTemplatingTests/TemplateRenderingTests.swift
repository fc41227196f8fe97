import ChatTemplating
import Foundation
import OrderedCollections
import XCTest
import _TestSupport

/// Every template renders as Python's jinja2 renders it, or fails for the same reason.
final class TemplateRenderingTests: XCTestCase {
    func testSnippetsRenderAsInJinja2() throws {
        let file = try TemplateFixtures.decode(SnippetFile.self, "cases.json")
        XCTAssertEqual(file.now, TemplateFixtures.now)
        XCTAssertGreaterThan(file.snippets.count, 400)
        let variables = file.variables.dictionary
        for snippet in file.snippets {
            check(snippet.template, variables, snippet.expected, "\(snippet.group): \(snippet.template)")
        }
    }

    func testOwnTemplatesRenderAsInJinja2() throws {
        let cases = try TemplateFixtures.decode(SnippetFile.self, "cases.json").templates
        XCTAssertGreaterThanOrEqual(Set(cases.map(\.template)).count, 10)
        XCTAssertGreaterThan(cases.count, 300)
        try check(cases, in: TemplateFixtures.folder)
    }

    func testTemplatesOfRealModelsRenderAsInJinja2() throws {
        let cases = try TemplateFixtures.decode(ModelFile.self, "models.json").templates
        XCTAssertEqual(Set(cases.map(\.template)).count, 8)
        try check(cases, in: FixtureLocation.fetched("templates"))
    }

    private func check(_ cases: [ConversationCase], in folder: URL) throws {
        let conversations = try TemplateFixtures.decode(ConversationFile.self, "conversations.json").variables
        for (name, cases) in Dictionary(grouping: cases, by: \.template) {
            let source = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            for item in cases {
                let variables = try XCTUnwrap(conversations[item.conversation])
                check(source, variables, item.expected, "\(name), \(item.conversation)")
            }
        }
    }

    private func check(
        _ source: String, _ variables: OrderedDictionary<String, TemplateValue>, _ expected: ExpectedRendering,
        _ what: String
    ) {
        do {
            let output = try Template(source).render(variables, now: TemplateFixtures.now)
            guard let wanted = expected.output else {
                return XCTFail(
                    "\(what)\ngives \(output.debugDescription) instead of \(expected.error ?? ""): \(expected.message ?? "")"
                )
            }
            if !output.unicodeScalars.elementsEqual(wanted.unicodeScalars) {
                XCTFail("\(what)\ngives \(output.debugDescription)\ninstead  \(wanted.debugDescription)")
            }
        } catch {
            guard let wanted = expected.error else {
                return XCTFail("\(what)\nfails: \(error)\ninstead of \((expected.output ?? "").debugDescription)")
            }
            checkError(error, wanted, expected, what)
        }
    }

    private func checkError(
        _ error: TemplateError, _ wanted: String, _ expected: ExpectedRendering, _ what: String
    ) {
        if wanted == "raisedByTemplate" {
            XCTAssertEqual(error.kind, .raisedByTemplate(message: expected.message ?? ""), what)
        } else {
            XCTAssertEqual("\(error.kind)", wanted, "\(what)\nfails: \(error)\ninstead of: \(expected.message ?? "")")
        }
        if let line = expected.line { XCTAssertEqual(error.line, line, "\(what)\nline of: \(error)") }
    }
}
