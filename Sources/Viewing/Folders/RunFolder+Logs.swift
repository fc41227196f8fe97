import DataFiles
import Foundation
import Transformer

extension RunFolder {
    /// Reads a file of JSON Lines: a monitor's scores, position by position, or a guard's log.
    ///
    /// A data set isn't shown.
    ///
    /// - Throws: `InputError` with the number of the line that differs in kind from the first.
    mutating func addLines(_ file: URL) throws -> Bool {
        let place = file.path(percentEncoded: false)
        let data = try MappedFile.contents(of: file)
        var lines: [(line: Int, fields: JSONFields)] = []
        for (index, line) in data.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            let value = try JSONValue(parsing: Data(line), file: "\(place): line \(index + 1)")
            guard let fields = value.fields else { return false }
            lines.append((index + 1, fields))
        }
        guard let first = lines.first?.fields else { return false }
        if first["outcome"] != nil, first["time"] != nil {
            logs.append(.events(try Self.events(lines, name: name(file), place: place)))
            return true
        }
        if first["position"] != nil, first["score"] != nil {
            logs.append(.watch(try Self.watch(lines, name: name(file), file)))
            return true
        }
        return false
    }

    /// Reads the alarms for one text, as printed by `monitor watch --json`.
    ///
    /// - Throws: `InputError` that names the alarm without a position or score.
    mutating func addAlarms(_ fields: JSONFields, _ file: URL) throws -> Bool {
        guard let elements = fields["alarms"]?.elements, fields["flagged"] != nil else { return false }
        let alarms = try elements.enumerated().map { index, element in
            guard let fields = element.fields, let point = Self.point(fields) else {
                throw Self.wrong("alarms[\(index)]", "an object with position and score", element, file)
            }
            return (fields, try Self.heads(fields, "alarms[\(index)]", file), point)
        }
        logs.append(
            .watch(
                WatchLog(
                    name: name(file), note: "The positions that raised an alarm; nothing is known about the others.",
                    points: alarms.map { $0.2 }, threshold: fields["tokenThreshold"]?.number?.double,
                    alarms: alarms.map { Self.alarm($0.1, $0.0, at: $0.2) })))
        return true
    }

    private static func point(_ fields: JSONFields) -> (position: Double, score: Double)? {
        guard let position = fields["position"]?.number?.double, let score = fields["score"]?.number?.double else {
            return nil
        }
        return (position, score)
    }

    private static func watch(
        _ lines: [(line: Int, fields: JSONFields)], name: String, _ file: URL
    ) throws -> WatchLog {
        let place = file.path(percentEncoded: false)
        var log = WatchLog(name: name, note: "", points: [], threshold: nil, alarms: [])
        for (line, fields) in lines {
            guard let point = point(fields) else {
                // Lines about the whole text may come between those about positions.
                if fields["position"] == nil { continue }
                throw InputError.badData(
                    "no position and score", in: "\(place): line \(line)",
                    remedy: "each line of a monitor's log has both")
            }
            log.points.append(point)
            if let threshold = fields["threshold"]?.number?.double { log.threshold = threshold }
            let heads = try heads(fields, "line \(line)", file)
            if ["alarm", "isAlarm", "flagged"].contains(where: { fields[$0]?.isTrue == true }) || !heads.isEmpty {
                log.alarms.append(alarm(heads, fields, at: point))
            }
        }
        return log
    }

    /// The heads that an alarm names, as `"12.8"` or as an object with layer and head, together with the reason if
    /// there is one.
    private static func heads(
        _ fields: JSONFields, _ place: String, _ file: URL
    ) throws -> [(head: Head, reason: String?)] {
        try (fields["heads"]?.elements ?? []).enumerated().map { index, element in
            let place = "\(place): heads[\(index)]"
            if element.string != nil { return (try head(named: element, place, file), nil) }
            guard let fields = element.fields, let head = try head(fields, place, file) else {
                throw wrong(place, "a head such as \"12.8\"", element, file)
            }
            return (head, fields["reason"]?.string)
        }
    }

    private static func alarm(
        _ heads: [(head: Head, reason: String?)], _ fields: JSONFields, at point: (position: Double, score: Double)
    ) -> WatchLog.Alarm {
        let sites = (fields["sites"]?.elements ?? []).compactMap(\.string)
        let changed = (fields["changed"]?.elements ?? []).compactMap(\.string)
        let reasons =
            Set(heads.compactMap(\.reason) + [fields["reason"]?.string].compactMap { $0 }).sorted()
            + (changed.isEmpty ? [] : ["z changed at \(changed.joined(separator: ", "))"])
        return WatchLog.Alarm(
            position: point.position, score: point.score, named: heads.map(\.head),
            other: (reasons + sites).joined(separator: ", "))
    }

    /// Counts the outcomes of prompts, by week, or by day if the log gives no weeks.
    private static func events(
        _ lines: [(line: Int, fields: JSONFields)], name: String, place: String
    ) throws -> EventLog {
        let outcomes = ["allowed", "flagged", "refused"]
        var spans: [String: [Int]] = [:]
        var reasons: [[String]: Int] = [:]
        for (line, fields) in lines {
            guard let outcome = fields["outcome"]?.string, let kind = outcomes.firstIndex(of: outcome) else {
                throw InputError.badData(
                    "no outcome", in: "\(place): line \(line)",
                    remedy: "each line of a guard's log has one of \(outcomes.joined(separator: ", "))")
            }
            let time = fields["time"]?.string ?? ""
            let span = fields["week"]?.string ?? String(time.prefix(10))
            spans[span, default: [0, 0, 0]][kind] += 1
            func count(_ fields: JSONFields, _ outcome: String) {
                reasons[["layer", "filter", "reason"].map { fields[$0]?.string ?? "" } + [outcome], default: 0] += 1
            }
            if kind > 0 { count(fields, outcome) }
            for case let flag? in (fields["flags"]?.elements ?? []).map(\.fields) { count(flag, "flagged") }
        }
        return EventLog(
            name: name, note: "", spans: spans.sorted { $0.key < $1.key }.map { .init(name: $0.key, counts: $0.value) },
            reasons: reasons.sorted {
                $0.value != $1.value ? $0.value > $1.value : $0.key.lexicographicallyPrecedes($1.key)
            }.map {
                .init(layer: $0.key[0], filter: $0.key[1], reason: $0.key[2], outcome: $0.key[3], times: $0.value)
            })
    }
}
