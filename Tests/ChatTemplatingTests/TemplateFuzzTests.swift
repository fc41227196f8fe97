import ChatTemplating
import Foundation
import OrderedCollections
import XCTest
import _TestSupport

/// Damaged templates give text or an error, never a trap, and soon.
final class TemplateFuzzTests: XCTestCase {
    /// Our own templates, which have every construct of real models'.
    private func ownTemplates() throws -> [[UInt8]] {
        let files = try FileManager.default.contentsOfDirectory(
            at: TemplateFixtures.folder, includingPropertiesForKeys: nil
        ).filter { $0.pathExtension == "jinja" }.sorted { $0.path < $1.path }
        XCTAssertGreaterThanOrEqual(files.count, 10)
        return try files.map { Array(try Data(contentsOf: $0)) }
    }

    /// Real models', where they have been fetched.
    private func realTemplates() throws -> [[UInt8]] {
        let folder = try FixtureLocation.fetched("templates")
        let names = Set(try TemplateFixtures.decode(ModelFile.self, "models.json").templates.map(\.template))
        return try names.sorted().map { Array(try Data(contentsOf: folder.appending(path: $0))) }
    }

    private func variables() throws -> [OrderedDictionary<String, TemplateValue>] {
        let file = try TemplateFixtures.decode(ConversationFile.self, "conversations.json")
        let titles: Set = ["tools used", "thinking", "edges"]
        return file.conversations.filter { titles.contains($0.title) }.map(\.variables.dictionary)
    }

    private var rendered = 0
    private var failed = 0

    private func run(_ bytes: [UInt8], _ variables: OrderedDictionary<String, TemplateValue>) {
        let limits = TemplateLimits(steps: 20_000, characters: 200_000)
        do {
            _ = try Template(String(decoding: bytes, as: UTF8.self), limits: limits)
                .render(variables, now: TemplateFixtures.now)
            rendered += 1
        } catch {
            XCTAssertGreaterThanOrEqual(error.line, 1)
            XCTAssertFalse(error.description.isEmpty)
            failed += 1
        }
    }

    func testTruncatedTemplates() throws { try truncate(ownTemplates()) }
    func testTruncatedTemplatesOfRealModels() throws { try truncate(realTemplates()) }

    private func truncate(_ templates: [[UInt8]]) throws {
        let variables = try variables()
        for template in templates {
            for index in 0...20 {
                run(Array(template.prefix(template.count * index / 20)), variables[index % variables.count])
            }
        }
        XCTAssertGreaterThan(rendered, templates.count, "more than the empty ones")
        XCTAssertGreaterThan(failed, 10 * templates.count)
    }

    func testMutatedTemplates() throws { try mutate(ownTemplates()) }
    func testMutatedTemplatesOfRealModels() throws { try mutate(realTemplates()) }

    private func mutate(_ templates: [[UInt8]]) throws {
        let variables = try variables()
        var random = SplitMix(state: 20_250_307)
        let interesting = Array("{}%#-+()[]|.,:'\"\\\n =~*/<>!019xlmn\u{0}é".utf8)
        for template in templates {
            for round in 0..<25 {
                var bytes = template
                for _ in 0..<(1 << (round % 5)) {
                    let place = Int(random.next() % UInt64(bytes.count))
                    switch random.next() % 4 {
                    case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                    case 1: bytes[place] = interesting[Int(random.next() % UInt64(interesting.count))]
                    case 2: bytes.remove(at: place)
                    default:
                        let end = min(place + Int(random.next() % 40), bytes.count)
                        bytes.insert(contentsOf: bytes[place..<end], at: Int(random.next() % UInt64(bytes.count)))
                    }
                }
                run(bytes, variables[round % variables.count])
            }
        }
        XCTAssertGreaterThan(rendered, 5)
        XCTAssertGreaterThan(failed, 20)
    }

    /// Variables of the wrong type everywhere.
    func testUnexpectedVariables() throws { try renderUnexpected(ownTemplates()) }
    func testUnexpectedVariablesOfRealModels() throws { try renderUnexpected(realTemplates()) }

    private func renderUnexpected(_ templates: [[UInt8]]) throws {
        let values: [TemplateValue] = [
            nil, true, -1, 1.5, "", "x", [], [[]], [:], ["role": 1], [["role": nil, "content": [1]]],
        ]
        for template in templates {
            for (index, value) in values.enumerated() {
                let other = values[(index * 7 + 3) % values.count]
                run(template, ["messages": value, "tools": other, "bos_token": other, "add_generation_prompt": value])
                run(template, ["messages": [["role": "user", "content": value], ["role": other, "content": other]]])
            }
        }
        XCTAssertGreaterThan(failed, 20)
    }
}

/// Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators".
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
