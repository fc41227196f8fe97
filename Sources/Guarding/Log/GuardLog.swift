import DataFiles
import Foundation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file with one JSON object per line, one for each prompt:
///
/// ```json
/// {"filter":"words","layer":"input","outcome":"refused","reason":"insults","time":"2026-11-28T22:04:12Z","week":"2026-W48"}
/// ```
///
/// If a text that the monitor had flagged was then refused by a check of the text, the line says what refused it, and
/// `flags` says what had flagged it before:
/// `"flags":[{"filter":"monitor","layer":"activations","reason":"unusual heads"}]`.
public struct GuardLog: Sendable {
    /// The file, which is created with the first event.
    public let url: URL

    /// A log; nothing is opened before the first event.
    public init(_ url: URL) { self.url = url }

    private struct Line: Encodable {
        var time: String
        var week: String
        var outcome: GuardEvent.Outcome
        var layer: GuardLayer?
        var filter: String?
        var reason: String?
        var flags: [Refusal]?
    }

    /// Adds a line in one write, so that several processes can keep one log.
    ///
    /// - Throws: `InputError` if the file can't be written to.
    public func append(_ event: GuardEvent) throws {
        let line = Line(
            time: event.time.formatted(.iso8601), week: event.week, outcome: event.outcome,
            layer: event.refusal?.layer, filter: event.refusal?.filter, reason: event.refusal?.reason,
            flags: event.flags.isEmpty ? nil : event.flags)
        let data = try JSONEncoder.oneLine.encode(line) + Data("\n".utf8)
        let path = url.path(percentEncoded: false)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        let failure = InputError(
            .notWritable, "a log that can't be written to", in: path, remedy: "create its folder, or name another log")
        guard descriptor >= 0 else { throw failure }
        defer { close(descriptor) }
        let written = data.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written == data.count else { throw failure }
    }

    /// Reads all lines.
    ///
    /// - Throws: `InputError` that names the line that isn't an event.
    public func events() throws -> [GuardEvent] {
        let data = try MappedFile.contents(of: url)
        var events: [GuardEvent] = []
        for (index, line) in data.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            let place = "\(url.lastPathComponent): line \(index + 1)"
            events.append(try Self.event(JSONObject(data: Data(line), place: place)))
        }
        return events
    }

    private static func event(_ json: JSONObject) throws -> GuardEvent {
        try json.checkFields(["time", "week", "outcome", "layer", "filter", "reason", "flags"])
        let text = try json.required("time", json.string)
        guard let time = try? Date(text, strategy: .iso8601) else {
            throw json.wrong("time", "a time such as 2026-11-28T22:04:12Z")
        }
        guard let outcome = GuardEvent.Outcome(rawValue: try json.required("outcome", json.string)) else {
            throw json.wrong(
                "outcome", "one of \(GuardEvent.Outcome.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let week = GuardEvent(time: time, outcome: outcome).week
        guard try json.string("week") ?? week == week else { throw json.wrong("week", "\(week), the week of its time") }
        guard outcome != .allowed else {
            if let field = ["layer", "filter", "reason", "flags"].first(where: json.has) {
                throw json.wrong(field, "allowed where nothing was refused")
            }
            return GuardEvent(time: time, outcome: outcome)
        }
        guard outcome == .refused || !json.has("flags") else {
            throw json.wrong("flags", "allowed where nothing was refused")
        }
        let flags = try (json.objects("flags") ?? []).map { flag in
            try flag.checkFields(["layer", "filter", "reason"])
            return try refusal(flag)
        }
        return GuardEvent(time: time, outcome: outcome, refusal: try refusal(json), flags: flags)
    }

    private static func refusal(_ json: JSONObject) throws -> Refusal {
        guard let layer = GuardLayer(rawValue: try json.required("layer", json.string)) else {
            throw json.wrong("layer", "one of \(GuardLayer.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return Refusal(
            layer: layer, filter: try json.required("filter", json.string),
            reason: try json.required("reason", json.string))
    }
}
