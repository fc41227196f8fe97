import ChatTemplating
import Foundation
import XCTest

/// Whatever a template tries, it ends soon with an error.
final class TemplateLimitTests: XCTestCase {
    private static let hostile: [(name: String, source: String)] = [
        ("endless loops", "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}"),
        ("endless recursion", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
        (
            "mutual recursion",
            "{% macro a() %}{% if 1 %}{{ b() }}{% endif %}{% endmacro %}{% macro b() %}{{ a() | trim }}{% endmacro %}{{ a() }}"
        ),
        (
            "endless caller",
            "{% macro m() %}{{ caller() }}{% call m() %}{% endcall %}{% endmacro %}{% call m() %}{% endcall %}"
        ),
        ("recursive loop", "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}"),
        (
            "doubling text",
            "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}"
        ),
        ("long text", "{{ 'a' * 999999999999 }}"),
        ("longer text", "{{ 'ab' * 9223372036854775807 }}"),
        ("long list", "{{ [1, 2] * 9223372036854775807 }}"),
        ("wide text", "{{ 'a'.center(9999999999) }}"),
        ("wide format", "{{ '%999999s' % 'a' * 100 }}"),
        ("replacement", "{{ ('a' * 9999).replace('', 'b' * 9999) }}"),
        ("join", "{{ (range(9999) | map('string') | join('a' * 9999)) }}"),
        ("indent", "{{ ('a\n' * 9999) | indent(9999) }}"),
        (
            "doubling lists",
            "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}"
        ),
        (
            "comparing doubled lists",
            "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}"
        ),
        (
            "keys of doubled tuples",
            "{% set ns = namespace(x=(1,)) %}{% for i in range(60) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {ns.x: 1} }}"
        ),
        (
            "json of doubled lists",
            "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson }}"
        ),
        ("deep lists", "{% set ns = namespace(x=[]) %}{% for i in range(999) %}{% set ns.x = [ns.x] %}{% endfor %}"),
        (
            "deep dictionaries",
            "{% set ns = namespace(x=1) %}{% for i in range(9999) %}{% set ns.x = {1: ns.x} %}{% endfor %}"
        ),
        (
            "deep methods",
            "{% set ns = namespace(x=[].index) %}{% for i in range(9999) %}{% set ns.x = [ns.x].index %}{% endfor %}"
        ),
        ("search", "{% set s = 'a' * 300000 %}{% for i in range(99999) %}{{ 'b' in s }}{% endfor %}"),
        ("wide json", "{{ range(9999) | list | tojson(indent=999999) }}"),
        ("parentheses", nested("(", ")", 3000)),
        ("lists", nested("[", "]", 3000)),
        ("dictionaries", nested("{1:", "}", 3000)),
        ("signs", String(repeating: "-", count: 3000).withBraces),
        ("attributes", ("a" + String(repeating: ".a", count: 3000)).withBraces),
        ("elements", ("a" + String(repeating: "[0]", count: 3000)).withBraces),
        ("nested elements", nested("a[", "]", 3000)),
        ("calls", nested("a(", ")", 3000)),
        ("filters", ("a" + String(repeating: "|e", count: 3000)).withBraces),
        ("tests", ("a" + String(repeating: " is a", count: 3000)).withBraces),
        ("conditions", ("a" + String(repeating: " if a else a", count: 3000)).withBraces),
        ("ifs", String(repeating: "{% if 1 %}", count: 3000)),
        ("fors", String(repeating: "{% for x in a %}", count: 3000)),
        ("macros", String(repeating: "{% macro x() %}", count: 3000)),
        ("targets", "{% set " + String(repeating: "(", count: 3000)),
        ("long source", String(repeating: "a", count: 5_000_000)),
    ]

    func testHostileTemplatesEndSoonWithAnError() {
        let limits = TemplateLimits(steps: 20_000, characters: 500_000)
        for (name, source) in TemplateLimitTests.hostile {
            let start = ContinuousClock.now
            do {
                let output = try Template(source, limits: limits).render(["a": "a"], now: TemplateFixtures.now)
                XCTFail("\(name) gives \(output.prefix(80).debugDescription)")
            } catch {
                let kinds: [TemplateError.Kind] = [.limitExceeded, .syntax, .evaluation, .undefinedValue]
                XCTAssertTrue(kinds.contains(error.kind), "\(name): \(error)")
            }
            let taken = ContinuousClock.now - start
            XCTAssertLessThan(taken, .seconds(5), name)
        }
    }

    /// Secondary threads have 512 KB of stack on macOS: the depth limit must be reached before its end.
    func testTheDepthLimitFitsASmallStack() {
        let sources = [
            nested("(", ")", 400),
            nested("[", "]", 190),
            (String(repeating: "((1 + 2 * 3 ** ", count: 95) + "1" + String(repeating: "))", count: 95)).withBraces,
            (String(repeating: "not (a or a and ", count: 130) + "1" + String(repeating: ")", count: 130)).withBraces,
            (String(repeating: "dict(a=", count: 190) + "1" + String(repeating: ")", count: 190)).withBraces,
            String(repeating: "{% if 1 %}", count: 400),
            String(repeating: "{% for x in a %}{% if x %}", count: 98) + "{{ a }}"
                + String(repeating: "{% endif %}{% endfor %}", count: 98),
            String(repeating: "{% filter upper %}{% set x %}", count: 98) + "{{ a }}"
                + String(repeating: "{% endset %}{% endfilter %}", count: 98),
            String(repeating: "{% macro m() %}{% call m() %}", count: 90)
                + String(repeating: "{% endcall %}{% endmacro %}", count: 90),
            "{% macro m(x) %}{{ m([x | map('string') | list]) }}{% endmacro %}{{ m([1]) }}",
            "{% macro m(x) %}{% for y in [1] %}{% if y %}{% set z %}{{ m(x ~ m(x)) }}{% endset %}{% endif %}{% endfor %}{% endmacro %}{{ m('') }}",
            "{% macro m(x) %}{{ caller() }}{% endmacro %}{% for x in [1] recursive %}{% call(y) m(x) %}{{ x }}{% endcall %}{{ loop([1]) }}{% endfor %}",
            "{% for x in [1] recursive %}{{ loop([1]) | upper }}{% endfor %}",
            "{% set ns = namespace(x=[1]) %}{% for i in range(197) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}{{ ns.x | tojson }}{{ ns.x == ns.x }}{{ ns.x < [ns.x] }}",
            "{% set ns = namespace(x=1) %}{% for i in range(197) %}{% set ns.x = {'a': ns.x} %}{% endfor %}{{ ns.x }}{{ ns.x | tojson(indent=1) }}{{ ns.x == {'a': ns.x} }}",
        ]
        let outcomes = Outcomes()
        let done = expectation(description: "rendered on a small stack")
        let thread = Thread {
            outcomes.kinds = sources.map { kind($0, TemplateLimits(steps: 20_000)) }
            done.fulfill()
        }
        thread.stackSize = 512 << 10
        thread.start()
        wait(for: [done], timeout: 30)
        XCTAssertEqual(outcomes.kinds.count, sources.count)
        for (source, kind) in zip(sources, outcomes.kinds) {
            XCTAssertTrue(kind == nil || kind == .limitExceeded, "\(source.prefix(80)): \(String(describing: kind))")
        }
        XCTAssertGreaterThan(outcomes.kinds.count { $0 == nil }, 5, "\(outcomes.kinds)")
        XCTAssertGreaterThan(outcomes.kinds.count { $0 == .limitExceeded }, 5, "\(outcomes.kinds)")
    }

    func testLimitsAreAsGiven() throws {
        let loop = "{% for x in range(50) %}{{ x }}{% endfor %}"
        XCTAssertNil(kind(loop, TemplateLimits(steps: 1000)))
        XCTAssertEqual(kind(loop, TemplateLimits(steps: 100)), .limitExceeded)
        XCTAssertEqual(kind(loop, TemplateLimits(rangeCount: 49)), .limitExceeded)
        XCTAssertEqual(kind(loop, TemplateLimits(characters: 20)), .limitExceeded)
        XCTAssertEqual(kind(loop, TemplateLimits(sourceBytes: 10)), .limitExceeded)
        XCTAssertNil(kind("{{ ((1)) }}", TemplateLimits(depth: 6)))
        XCTAssertEqual(kind("{{ ((1)) }}", TemplateLimits(depth: 2)), .limitExceeded)
        var nested: TemplateValue = 1
        for _ in 0..<300 { nested = [nested] }
        XCTAssertThrowsError(try Template("x").render(["a": nested], now: TemplateFixtures.now))
    }
}

/// Written by the small thread before, and read by the test after, the expectation is fulfilled.
private final class Outcomes: @unchecked Sendable {
    var kinds: [TemplateError.Kind?] = []
}

/// The kind of error that a template ends with, if any.
private func kind(_ source: String, _ limits: TemplateLimits) -> TemplateError.Kind? {
    do {
        _ = try Template(source, limits: limits).render(["a": "a"], now: TemplateFixtures.now)
        return nil
    } catch {
        return error.kind
    }
}

/// An output of `count` brackets inside each other.
private func nested(_ open: String, _ close: String, _ count: Int) -> String {
    (String(repeating: open, count: count) + "1" + String(repeating: close, count: count)).withBraces
}

extension String {
    fileprivate var withBraces: String { "{{ " + self + " }}" }
}
