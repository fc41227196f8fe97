import Foundation

/// What the cases of an experiment found: as JSON, and as XML in the form of JUnit's, which continuous integration reads.
public struct ExperimentRecord: Sendable, Codable, Equatable {
    /// One case: what a test method found.
    public struct Case: Sendable, Codable, Equatable {
        /// The test method's name.
        public var name: String
        /// What it found, in the order in which it was looked at.
        public var findings: [Finding] = []
        /// How many times it failed, findings that don't hold included.
        public var failures = 0
        /// Why it was skipped.
        public var skipped: String?
        /// How long it took; not part of the JSON, so that equal results give equal bytes.
        public var seconds = 0.0

        /// A case that has found nothing yet.
        public init(_ name: String) { self.name = name }

        private enum CodingKeys: CodingKey { case name, findings, failures, skipped }
    }

    /// The experiment's name.
    public var experiment: String
    /// What all its random numbers began with.
    public var seed: UInt64
    /// In the order of their names.
    public private(set) var cases: [Case] = []

    /// A record without cases.
    public init(_ experiment: String, seed: UInt64) {
        self.experiment = experiment
        self.seed = seed
    }

    /// Adds a case, in the place of one of the same name.
    public mutating func add(_ case: Case) {
        cases.removeAll { $0.name == `case`.name }
        cases.append(`case`)
        cases.sort { $0.name < $1.name }
    }

    /// The cases as one `testsuite`. Findings are properties of their case; the first that doesn't hold is the failure's message.
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

    /// Text as an attribute's value; characters that XML doesn't have become U+FFFD.
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
