import Checkpoints
import DataFiles
import Foundation
import XCTest
import _TestSupport

@testable import Monitoring

final class MonitorFileTests: XCTestCase {
    private static let fitted = Result<PlantedMonitor, any Error> {
        try PlantedMonitor(positions: .all, behaviours: true)
    }

    private func written() throws -> (monitor: HeadMonitor, url: URL) {
        let url = try makeTemporaryFolder().appending(path: "monitor.safetensors")
        let monitor = try Self.fitted.get().monitor
        try monitor.write(to: url)
        return (monitor, url)
    }

    /// What is read is what was written, to the bit: the same scores come of it.
    func testWhatIsWrittenIsRead() throws {
        let (monitor, url) = try written()
        let read = try HeadMonitor(contentsOf: url)
        XCTAssertEqual(read.model, monitor.model)
        XCTAssertEqual(read.positions, monitor.positions)
        XCTAssertEqual(read.smoothing, monitor.smoothing)
        XCTAssertEqual(read.record, monitor.record)
        XCTAssertEqual(read.detectors, monitor.detectors)
        XCTAssertEqual(read.signature, monitor.signature)
        XCTAssertEqual(read.standards, monitor.standards)
        XCTAssertEqual(read.radii, monitor.radii)
        XCTAssertEqual(read.tolerances, monitor.tolerances)
        XCTAssertEqual(read.tokenThreshold, monitor.tokenThreshold)
        XCTAssertEqual(read.answerThreshold, monitor.answerThreshold)
        let planted = try Self.fitted.get()
        let texts = Array(planted.texts.prefix(6))
        let scores = try [monitor, read].map {
            try TextScoring($0, planted.model, workers: planted.workers).scores(texts).map(\.tokens)
        }
        XCTAssertEqual(scores[0], scores[1])
        XCTAssertNoThrow(try read.check(planted.model, workers: planted.workers))

        let again = url.deletingLastPathComponent().appending(path: "again.safetensors")
        try read.write(to: again)
        XCTAssertEqual(try Data(contentsOf: again), try Data(contentsOf: url), "written twice")
    }

    /// The transform in the file is one that whitens: what its documentation tells Python users.
    func testTheFileHoldsWhatItSays() throws {
        let (monitor, url) = try written()
        let file = try SafetensorsFile(contentsOf: url)
        let size = monitor.model.headSize
        XCTAssertEqual(file["whitening"]?.shape, [6, 4, size, size])
        let matrices = try file.floats("whitening")
        let (mean, scale) = (try file.floats("mean"), try file.floats("scale"))
        let z = (0..<size).map { Float($0) * 0.1 - 0.5 }
        let head = 9
        var y = [Float](repeating: 0, count: size)
        monitor.envelope.whiten(head, z, into: &y, scratch: WhiteningScratch(headSize: size))
        let expected = (0..<size).map { row in
            Float(
                (0..<size).reduce(0.0) { sum, column in
                    let x = Double(z[column] - mean[head * size + column]) / Double(scale[head])
                    return sum + Double(matrices[(head * size + row) * size + column]) * x
                })
        }
        assertClose(y, expected, relative: 0.02, "whitened z")
    }

    private func altered(
        _ url: URL, metadata: [String: String?] = [:], dropping: String? = nil,
        adding: (name: String, shape: [Int], values: [Float])? = nil
    ) throws -> URL {
        let file = try SafetensorsFile(contentsOf: url)
        var strings = file.metadata
        for (key, value) in metadata { strings[key] = value }
        var writer = SafetensorsWriter(metadata: strings)
        for entry in file.entries where entry.name != dropping && entry.name != adding?.name {
            writer.add(copying: entry, of: file)
        }
        if let adding { writer.add(adding.name, shape: adding.shape, adding.values) }
        let copy = url.deletingLastPathComponent().appending(path: "altered.safetensors")
        try writer.write(to: copy)
        return copy
    }

    func testEveryAlterationIsRefusedByName() throws {
        let (monitor, url) = try written()
        let about = try XCTUnwrap(SafetensorsFile(contentsOf: url).metadata["monitor"])
        let heads = monitor.model.layers * monitor.model.heads
        func replaced(_ part: String, _ other: String) -> String {
            XCTAssertTrue(about.contains(part), part)
            return about.replacing(part, with: other)
        }
        func refuse(_ file: URL, _ words: String, line: UInt = #line) {
            XCTAssertThrowsError(try HeadMonitor(contentsOf: file), words, line: line) { error in
                XCTAssertTrue(error is InputError, "\(error)", line: line)
                XCTAssertTrue("\(error)".contains(words), "\(error) without \(words)", line: line)
            }
        }
        refuse(try altered(url, metadata: ["format": "headsteer.monitor/1"]), "headsteer.monitor/1")
        refuse(try altered(url, metadata: ["format": nil]), "no string format")
        refuse(try altered(url, metadata: ["fingerprint": nil]), "no string fingerprint")
        refuse(try altered(url, metadata: ["other": "x"]), "metadata other")
        refuse(try altered(url, metadata: ["monitor": "{"]), "metadata monitor")
        for (part, other, words) in [
            ("\"smoothing\":0.1", "\"smoothing\":0", "smoothing"),
            ("\"smoothing\":0.1", "\"smoothing\":0.1,\"speed\":1", "unknown field speed"),
            ("\"positions\":\"all\"", "\"positions\":\"some\"", "one of last, generated, all"),
            ("\"headSize\":16", "\"headSize\":8", "instead of F32"),
            ("\"layers\":6", "\"layers\":99999999", "layers"),
            ("\"precision\":\"exact\"", "\"precision\":\"x\"", "exact"),
            ("\"heads\":[\"2.1\"]", "\"heads\":[\"9.1\"]", "9.1"), ("\"name\":\"mood\"", "\"name\":1", "name"),
            ("\"fitTexts\":", "\"fitTextes\":", "fitTextes"), ("\"seed\":\"0\"", "\"seed\":0", "seed"),
        ] {
            refuse(try altered(url, metadata: ["monitor": replaced(part, other)]), words)
        }
        for (field, value, words) in [
            ("tokenThreshold", "1e9", "tokenThreshold"), ("answerThreshold", "-1e300", "answerThreshold"),
            ("mix", "0", "tolerances"), ("output", "1e300", "tolerances"), ("maximum", "1e7", "maximum"),
            ("means", "[1e39]", "means"), ("means", "[]", "means"), ("sigmas", "[0]", "sigmas"),
            ("sigmas", "[1e-300]", "sigmas"), ("falseAlarms", "1", "falseAlarms"), ("falseAlarms", "-0.5", "share"),
            ("fitTexts", "-1", "fitTexts"), ("fitTokens", "1e30", "fitTokens"), ("answerRate", "2", "answerRate"),
            ("seed", "\"-1\"", "seed"), ("tokenThreshold", "null", "tokenThreshold"),
            ("tokenThreshold", "\"1\"", "tokenThreshold"), ("tokenThreshold", "1e999", "1e999"),
        ] {
            let pattern = try Regex("\"\(field)\":(\\[[^\\]]*\\]|[^,}]+)")
            let changed = about.replacing(pattern, with: "\"\(field)\":\(value)")
            XCTAssertNotEqual(changed, about, field)
            refuse(try altered(url, metadata: ["monitor": changed]), words)
        }
        for name in ["mean", "scale", "whitening", "radius", "statistics.centre", "output.weights", "behaviour.0"] {
            refuse(try altered(url, dropping: name), "no tensor \(name)")
        }
        refuse(try altered(url, adding: ("more", [1], [1])), "more")
        var scale = [Float](repeating: 1, count: heads)
        scale[3] = 0
        refuse(try altered(url, adding: ("scale", [6, 4], scale)), "above 0")
        scale[3] = .nan
        refuse(try altered(url, adding: ("scale", [6, 4], scale)), "NaN")
        let wide = [Float](repeating: 1000, count: 3 * heads)
        refuse(try altered(url, adding: ("statistics.centre", [3, 6, 4], wide)), "from -100.0 to 100.0")
        refuse(try altered(url, adding: ("statistics.inverse-width", [3, 6, 4], wide)), "at most")
        refuse(try altered(url, adding: ("behaviour.0", [1, 16], [Float](repeating: 1, count: 16))), "unit vector")
        refuse(try altered(url, adding: ("radius", [4, 6], scale.map { _ in 1 })), "[4, 6]")
        refuse(
            try altered(url, adding: ("output.probe", [64], [Float](repeating: 0.4, count: 64))), "magnitude")
        refuse(
            try altered(
                url, adding: ("whitening", [6, 4, 16, 16], [Float](repeating: 1, count: heads * 256))), "F16")
    }

    func testWhateverTheBytesNothingTraps() throws {
        let (_, url) = try written()
        let data = try Data(contentsOf: url)
        let copy = url.deletingLastPathComponent().appending(path: "broken.safetensors")
        var random = SeededGenerator(seed: 3)
        let planted = try Self.fitted.get()
        for round in 0..<120 {
            var bytes = data
            switch round % 3 {
            case 0: bytes = data.prefix(random.integer(below: data.count))
            case 1:
                for _ in 0..<4 {
                    bytes[random.integer(below: min(4000, data.count))] = UInt8(random.integer(below: 256))
                }
            default: bytes[random.integer(below: data.count)] ^= UInt8(1 << random.integer(below: 8))
            }
            try bytes.write(to: copy)
            do {
                // What is read can also be used, and all that it says can be written as JSON.
                let monitor = try HeadMonitor(contentsOf: copy)
                guard monitor.model == planted.monitor.model else { continue }
                let scored = try TextScoring(monitor, planted.model, workers: planted.workers)
                    .scores([planted.texts[round % planted.texts.count]])
                XCTAssertNoThrow(try JSONEncoder().encode(scored[0].answer.scores), "round \(round)")
                XCTAssertNoThrow(try JSONEncoder().encode(scored[0].answer.behaviours), "round \(round)")
            } catch {
                XCTAssertTrue(error is InputError, "round \(round): \(error)")
            }
        }
    }

    func testOtherModelsAreRefused() throws {
        let (monitor, _) = try written()
        let planted = try Self.fitted.get()
        var fast = planted.model
        fast.precision = .fast
        XCTAssertThrowsError(try monitor.check(fast, workers: planted.workers)) {
            XCTAssertTrue("\($0)".contains("precision"), "\($0)")
        }
        let other = try MonitorFileTests.tiny()
        XCTAssertThrowsError(try monitor.check(other, allowOtherModel: true, workers: planted.workers)) {
            XCTAssertEqual(($0 as? InputError)?.kind, .otherModel)
        }
        let changed = HeadMonitor(monitor, fingerprint: "sha256:00")
        XCTAssertThrowsError(try changed.check(planted.model, workers: planted.workers, place: "m.safetensors")) {
            XCTAssertTrue("\($0)".contains("m.safetensors") && "\($0)".contains("another model"), "\($0)")
        }
        XCTAssertNoThrow(try changed.check(planted.model, allowOtherModel: true, workers: planted.workers))
    }
}
