import DataFiles
import DataSets
import Foundation
import Intervention

/// Digests of texts, as a search's report keeps them: they show whether two data sets share texts, whatever their files
/// are.
enum UsedTexts {
    /// The digests of what a model reads first in each row: texts, prompts, questions.
    static func digests(_ data: [DataSet]) -> [String] {
        let texts = data.flatMap { data -> [String] in
            switch data {
            case .labelled(let rows): rows.flatMap { [$0.text, $0.prompt] }
            case .choice(let rows): rows.map(\.question)
            case .contrast(let rows): rows.map(\.prompt)
            }
        }
        return Set(texts.compactMap(digest)).sorted()
    }

    /// The digest by which each row of data to measure on is recognised.
    static func keys(_ data: DataSet) -> [String?] {
        switch data {
        case .labelled(let rows): rows.map { digest($0.text) }
        case .choice(let rows): rows.map { digest($0.question) }
        case .contrast(let rows): rows.map { digest($0.prompt) }
        }
    }

    /// The first 64 bits of the SHA-256 of a text, ignoring case and spaces; nil for a text of spaces alone.
    private static func digest(_ text: String) -> String? {
        let words = text.precomposedStringWithCanonicalMapping.lowercased().split(whereSeparator: \.isWhitespace)
        guard !words.isEmpty else { return nil }
        let whole = FileDigest.sha256(Data(words.joined(separator: " ").utf8))
        return String(whole.dropFirst("sha256:".count).prefix(16))
    }
}

/// How much of the data that a plan is measured on is data that it was made from.
struct LeakCheck: Encodable {
    /// The number of rows that are among those the plan was made from.
    var shared: Int
    /// The number of all rows.
    var rows: Int
    var file: String

    /// - Parameters:
    ///   - folder: the plan's folder, whose report.json has the digests of the texts that it was made from, or at least
    ///     of the files.
    ///   - train: the texts that the plan's directions were fitted from, if the user gives them.
    /// - Returns: nil if nothing is shared, or nothing is known.
    init?(_ file: DataFile, plan: LoadedPlan, folder: URL, train: DataFile?) {
        // A plan works without a report beside it: one that is missing or of another kind is ignored.
        let report = try? JSONObject(contentsOf: folder.appending(path: "report.json"))
        var used = Set((try? report?.strings("usedTexts")) ?? [])
        if let train { used.formUnion(UsedTexts.digests([train.data])) }
        let keys = UsedTexts.keys(file.data)
        var shared = keys.count { $0.map(used.contains) ?? false }
        let provenance = try? report?.object("provenance")
        let files =
            [plan.plan.record?.source["dataSHA256"]]
            + ["dataSHA256", "contrastSHA256", "answersSHA256"].map { try? provenance?.string($0) }
        if shared == 0, files.contains(file.digest) { shared = keys.count }
        guard shared > 0 else { return nil }
        (self.shared, rows, self.file) = (shared, keys.count, file.name)
    }

    var warning: String {
        let part = shared == rows ? rows == 1 ? "the one row" : "all \(rows) rows" : "\(shared) of \(rows) rows"
        return
            "\(part) of \(file) \(shared == 1 ? "is" : "are") among the texts that the plan was made from: what it does to those "
            + "says little about others; give data that it has not seen"
    }
}
