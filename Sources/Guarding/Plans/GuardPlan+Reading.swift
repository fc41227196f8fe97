import DataFiles
import Foundation
import Monitoring
import Tasks
import Transformer

extension GuardPlan {
    /// Reads a guard's file.
    ///
    /// - Throws: `InputError` that names the field that is missing, unknown (with the nearest known name) or wrong.
    public init(contentsOf url: URL) throws { try self.init(JSONObject(contentsOf: url)) }

    /// Reads a guard from a JSON object.
    ///
    /// - Throws: `InputError` that names the field that is missing, unknown (with the nearest known name) or wrong.
    public init(_ json: JSONObject) throws {
        try json.checkFields(["format", "input", "activations", "output", "log"])
        let format = try json.required("format", json.string)
        guard format == Self.format else {
            throw InputError(
                .unsupported, "the format \(format)", in: "\(json.place): format",
                remedy: "this version reads \(Self.format)")
        }
        self.init(
            input: try json.objects("input")?.map { try FilterPlan($0) } ?? [],
            activations: try json.object("activations").map { try ActivationsPlan($0) },
            output: try json.objects("output")?.map { try FilterPlan($0) } ?? [], log: try json.string("log"))
        guard !input.isEmpty || activations != nil || !output.isEmpty else {
            throw InputError.badData(
                "a guard that checks nothing", in: json.place, remedy: "give it input, activations or output")
        }
    }
}

extension GuardPlan.ActivationsPlan {
    fileprivate init(_ json: JSONObject) throws {
        try json.checkFields(["monitor", "response"])
        let name = try json.string("response") ?? MonitorResponse.log.rawValue
        guard let response = MonitorResponse(rawValue: name) else {
            throw json.wrong(
                "response", "one of \(MonitorResponse.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.init(monitor: try json.required("monitor", json.string), response: response)
    }
}

extension GuardPlan.FilterPlan {
    fileprivate init(_ json: JSONObject) throws {
        let kinds = ["phrases", "command", "probes"].filter(json.has)
        guard let kind = kinds.first, kinds.count == 1 else {
            throw InputError.badData(
                kinds.isEmpty
                    ? "a check without phrases, command or probes" : "a check with \(kinds.joined(separator: " and "))",
                in: json.place, remedy: "give each check one of the three")
        }
        switch kind {
        case "phrases":
            try json.checkFields(["phrases", "name"])
            self.init(.phrases(try json.required("phrases", json.string)))
        case "command":
            try json.checkFields(["command", "timeout", "limit", "name"])
            let command = try json.required("command", json.strings)
            guard let program = command.first, !program.isEmpty else {
                throw json.wrong("command", "a program and its arguments")
            }
            let timeout = try json.double("timeout") ?? 60
            guard timeout > 0, timeout <= CommandJudge.longestTimeout else {
                throw json.wrong("timeout", "a number of seconds above 0 and at most a day")
            }
            self.init(.command(command, timeout: timeout))
        default:
            try json.checkFields(["probes", "heads", "limit", "name"])
            let heads = try json.required("heads", json.strings).map { text in
                guard let head = Head(text) else { throw json.wrong("heads", "a list of heads, L.H") }
                return head
            }
            guard !heads.isEmpty else { throw json.wrong("heads", "a list of at least one head") }
            self.init(.probes(try json.required("probes", json.string), heads: heads))
        }
        name = try json.string("name")
        if let limit = try json.double("limit") {
            guard JudgeScale.range.contains(limit) else { throw json.wrong("limit", "a score from 0 to 5") }
            self.limit = limit
        }
    }
}
