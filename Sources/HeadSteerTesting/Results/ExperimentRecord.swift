import Foundation

/// The findings of an experiment's cases, as JSON and as XML in JUnit's format, which continuous integration reads.
public struct ExperimentRecord: Sendable, Codable, Equatable {
    /// One case: the findings of a test method.
    public struct Case: Sendable, Codable, Equatable {
        /// The test method's name.
        public var name: String
        /// The findings, in the order in which they were made.
        public var findings: [Finding] = []
        /// The number of failures, including findings that don't hold.
        public var failures = 0
        /// The reason that the case was skipped, if it was.
        public var skipped: String?
        /// The duration in seconds, which is not part of the JSON, so that equal results give equal bytes.
        public var seconds = 0.0

        /// Creates a case without findings.
        public init(_ name: String) { self.name = name }

        private enum CodingKeys: CodingKey { case name, findings, failures, skipped }
    }

    /// The experiment's name.
    public var experiment: String
    /// The seed of all the experiment's random numbers.
    public var seed: UInt64
    /// The cases, sorted by name.
    public private(set) var cases: [Case] = []

    /// Creates a record without cases.
    public init(_ experiment: String, seed: UInt64) {
        self.experiment = experiment
        self.seed = seed
    }

    /// Adds a case, and replaces one with the same name.
    public mutating func add(_ case: Case) {
        cases.removeAll { $0.name == `case`.name }
        cases.append(`case`)
        cases.sort { $0.name < $1.name }
    }

    /// The cases as one `testsuite`.
    ///
    /// Findings are properties of their case, and the first one that doesn't hold is the failure's message.
    public var junit: String {
        func count(_ holds: (Case) -> Bool) -> Int { cases.count(where: holds) }
        func seconds(_ value: Double) -> String { String(format: "%.3f", value) }
        var lines = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites>",
            "  <testsuite name=\"\(Self.escaped(experiment))\" tests=\"\(cases.count)\" "
                + "failures=\"\(count { $0.failures > 0 })\" errors=\"0\" skipped=\"\(count { $0.skipped != nil })\" "
                + "time=\"\(seconds(cases.reduce(0) { $0 + $1.seconds }))\">",
            "    <properties><property name=\"seed\" value=\"\(seed)\"/></properties>",
        ]
        for item in cases {
            lines.append(
                "    <testcase classname=\"\(Self.escaped(experiment))\" name=\"\(Self.escaped(item.name))\" "
                    + "time=\"\(seconds(item.seconds))\">")
            if !item.findings.isEmpty {
                lines.append("      <properties>")
                for finding in item.findings {
                    lines.append(
                        "        <property name=\"\(Self.escaped(finding.name))\" "
                            + "value=\"\(Self.escaped("\(finding.estimate)"))\"/>")
                }
                lines.append("      </properties>")
            }
            if let reason = item.skipped {
                lines.append("      <skipped message=\"\(Self.escaped(reason))\"/>")
            } else if item.failures > 0 {
                let message = item.findings.first { !$0.holds }?.description ?? "\(item.failures) failures"
                lines.append("      <failure message=\"\(Self.escaped(message))\"/>")
            }
            lines.append("    </testcase>")
        }
        return (lines + ["  </testsuite>", "</testsuites>", ""]).joined(separator: "\n")
    }

    /// A text as an attribute value; characters that XML can't hold become U+FFFD.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n", "\r", "\t": result += "&#\(scalar.value);"
            case "\u{0}"..<"\u{20}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
