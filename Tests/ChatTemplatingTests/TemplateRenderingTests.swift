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

    /// All templates that llama.cpp's tests have, by a digest of what jinja2 makes of each with each conversation.
    func testEveryTemplateOfRealModelsRendersAsInJinja2() throws {
        let folder = try FixtureLocation.fetched("templates")
        let templates = try TemplateFixtures.decode(DigestFile.self, "all-models.json").templates
        XCTAssertEqual(templates.count, 70)
        let conversations = try TemplateFixtures.decode(ConversationFile.self, "conversations.json").conversations
        for expected in templates {
            let source = try String(contentsOf: folder.appending(path: expected.template), encoding: .utf8)
            let digests = expected.digests.split(separator: " ").map(String.init)
            XCTAssertEqual(digests.count, conversations.count, expected.template)
            let template = try Template(source)
            for (conversation, digest) in zip(conversations, digests) {
                let (result, text) = Self.digest(template, conversation.variables.dictionary)
                XCTAssertEqual(
                    result, digest,
                    "\(expected.template), \(conversation.title)\ngives \(text.prefix(2000).debugDescription)")
            }
        }
    }

    /// As `make_template_cases.py` has it: FNV-1a of 32 bits of the text, or of the error's kind and the template's message.
    private static func digest(
        _ template: Template, _ variables: OrderedDictionary<String, TemplateValue>
    ) -> (digest: String, text: String) {
        var text: String
        var mark = ""
        do {
            text = try template.render(variables, now: TemplateFixtures.now)
        } catch {
            mark = "!"
            if case .raisedByTemplate(let message) = error.kind {
                text = "raisedByTemplate" + message
            } else {
                text = "\(error.kind)"
            }
        }
        let hash = text.utf8.reduce(0x811C_9DC5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        let digits = String(hash, radix: 16)
        return (mark + String(repeating: "0", count: 8 - digits.count) + digits, text)
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
