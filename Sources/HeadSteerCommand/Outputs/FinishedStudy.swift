import DataFiles
import Evidence
import Foundation
import Tokenization

/// The numbers of a finished study, as its file has them, so that a command with more studies doesn't do it again.
struct FinishedStudy: Codable {
    /// The file's name in the study's folder.
    static let fileName = "study.json"

    /// The key of everything that the study depends on.
    let key: String
    /// The report without its seconds, which are in times.json.
    let report: StudyReport
    /// Reasons to doubt the figures.
    let warnings: [String]
    /// The date and variables of the chat template; they are written, but not read back.
    private var template: ChatTemplateSettings?

    private enum Key: String, CodingKey { case key, warnings }

    init(_ report: StudyReport, key: String, warnings: [String], _ template: ChatTemplateSettings?) {
        var report = report
        report.seconds = nil
        (self.key, self.report, self.warnings, self.template) = (key, report, warnings, template)
    }

    /// Reads a study's file.
    ///
    /// - Returns: nil if there is no file, or it has another key or isn't as this program writes it: the study is then
    ///   done again.
    init?(contentsOf url: URL, key: String) {
        guard let data = try? InputFile.contents(url), let study = try? JSONDecoder().decode(Self.self, from: data),
            study.key == key
        else { return nil }
        self = study
    }

    init(from decoder: any Decoder) throws {
        report = try StudyReport(from: decoder)
        let container = try decoder.container(keyedBy: Key.self)
        key = try container.decode(String.self, forKey: .key)
        warnings = try container.decode([String].self, forKey: .warnings)
    }

    func encode(to encoder: any Encoder) throws {
        try report.encode(to: encoder)
        try template?.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(key, forKey: .key)
        try container.encode(warnings, forKey: .warnings)
    }
}
