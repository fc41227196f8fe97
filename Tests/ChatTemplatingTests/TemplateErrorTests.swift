import ChatTemplating
import Foundation
import XCTest

/// What can't be done is said with the construct's name and the line.
final class TemplateErrorTests: XCTestCase {
    private func error(_ source: String, limits: TemplateLimits = .default) -> TemplateError? {
        do {
            let output = try Template(source, limits: limits).render(["a": ["b": 1]], now: TemplateFixtures.now)
            XCTFail("\(source.prefix(80)) gives \(output.prefix(80).debugDescription)")
        } catch {
            return error
        }
        return nil
    }

    func testUnsupportedTagsAreNamedWithTheirLine() throws {
        for tag in ["include 'x'", "import 'x' as y", "from 'x' import y", "extends 'x'", "block b", "autoescape true"]
        {
            let error = try XCTUnwrap(error("one\n{{ 1 }}\n\n{% \(tag) %}"))
            XCTAssertEqual(error.kind, .unsupported, tag)
            XCTAssertEqual(error.line, 4, tag)
            XCTAssertEqual(error.construct, "{% \(tag.prefix { $0 != " " }) %}")
            XCTAssertFalse(error.remedy.isEmpty, tag)
        }
    }

    func testUnsupportedFiltersAndMethodsAreNamedWithTheirLine() throws {
        let cases = [
            "[1] | random": "filter 'random'", "'a' | wordwrap": "filter 'wordwrap'", "'a'.encode()": "str.encode",
            "lipsum()": "lipsum", "{}.fromkeys([])": "dict.fromkeys", "(5).real": "int.real",
        ]
        for (expression, construct) in cases {
            let error = try XCTUnwrap(error("\n\n{{ \(expression) }}"))
            XCTAssertEqual(error.kind, .unsupported, expression)
            XCTAssertEqual(error.construct, construct)
            XCTAssertEqual(error.line, 3, expression)
        }
    }

    func testErrorsInsideAnExpressionOverSeveralLinesNameTheOperandsLine() throws {
        let error = try XCTUnwrap(error("{{ 'x'\n   ~ 1\n   ~ missing.y\n}}"))
        XCTAssertEqual(error.line, 3)
        XCTAssertEqual(error.kind, .undefinedValue)
    }

    func testTheMessageOfRaiseExceptionIsKept() throws {
        let error = try XCTUnwrap(error("\n{{ raise_exception('No \\'system\\' role') }}"))
        XCTAssertEqual(error.kind, .raisedByTemplate(message: "No 'system' role"))
        XCTAssertEqual(error.description, "chat template, line 2, raise_exception: No 'system' role")
    }

    func testIntegersPast64BitsAreErrors() throws {
        let sources = [
            "{{ 9223372036854775808 }}", "{{ 9223372036854775807 + 1 }}", "{{ -9223372036854775807 - 2 }}",
            "{{ 2 ** 63 }}", "{{ 2 ** 9223372036854775807 }}", "{{ -(-9223372036854775807 - 1) }}",
            "{{ (-9223372036854775807 - 1) // -1 }}", "{{ (-9223372036854775807 - 1) | abs }}",
            "{{ '9223372036854775808' | int }}", "{{ 1e30 | int }}", "{{ 9223372036854775807 * 2 }}",
            "{{ 9223372036854775807 | round(-1) }}",
            "{{ '%*d' % (-9223372036854775807 - 1, 1) }}",
        ]
        for source in sources { XCTAssertEqual(error(source)?.kind, .evaluation, source) }
        XCTAssertEqual(
            try Template("{{ (-9223372036854775807 - 1) % -1 }}").render([:], now: TemplateFixtures.now), "0")
    }

    func testUnclosedTagsNameTheLineWhereTheyOpen() throws {
        let error = try XCTUnwrap(error("a\n{% if a %}\n{% for x in a %}\nb\n"))
        XCTAssertEqual(error.line, 3)
        XCTAssertEqual(error.construct, "{% for %}")
        XCTAssertEqual(error.kind, .syntax)
    }

    func testTheClockIsToldInTheGivenZone() throws {
        let template = try Template("{{ strftime_now('%Y-%m-%d %H:%M %j %p %I') }}")
        let newYear = Date(timeIntervalSince1970: 1_735_689_540)  // 2024-12-31 23:59 in London
        XCTAssertEqual(try template.render([:], now: newYear), "2024-12-31 23:59 366 PM 11")
        let zone = try XCTUnwrap(TimeZone(secondsFromGMT: 5 * 3600 + 1800))
        XCTAssertEqual(try template.render([:], now: newYear, timeZone: zone), "2025-01-01 05:29 001 AM 05")
    }
}
