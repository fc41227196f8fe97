import DataSets
import Directions
import Foundation
import Tokenization
import Viewing

/// The data set that a run's findings come from: the one given, or one found by the name and digest that the run
/// recorded.
struct RunData {
    let file: DataFile
    /// How its texts are read: as the run recorded, unless the command says otherwise.
    let options: ReadingOptions
    /// The run's contrast prompts, if they were found.
    let contrast: DataFile?

    var examples: [LabelledExample] { file.data.labelledExamples }

    /// - Returns: nil if none is given and none was found.
    /// - Throws: `InputError` if the given one is wrong.
    init?(_ folder: RunFolder, given: String?, options: ReadingOptions) throws {
        var options = options
        if let recorded = folder.provenance["positions"].flatMap(ReadPositions.init(rawValue:)), recorded != .all,
            options.positions == .last
        {
            options.positions = recorded
        }
        if folder.provenance["templateVariables"] != nil
            || folder.provenance["template"]?.hasPrefix("chat template") == true
        {
            options.chat = true
            options.template.date = options.template.date ?? folder.provenance["date"].flatMap { CalendarDate($0) }
        }
        self.options = options
        contrast = Self.find(folder.provenance["contrast"], folder.provenance["contrastSHA256"], folder)
        if let given {
            file = try options.dataFile(given)
        } else if let found = Self.find(folder.provenance["data"], folder.provenance["dataSHA256"], folder) {
            file = found
        } else {
            return nil
        }
    }

    /// A note that the texts' tokens aren't those that the run read; nil if they are, or if the run didn't record them.
    func note(_ texts: [PreparedText], _ folder: RunFolder) -> String? {
        guard let recorded = folder.provenance["tokensSHA256"], recorded != FileDigest.sha256(texts.map(\.tokens))
        else {
            return nil
        }
        return "The texts' tokens are not those that the run read: the texts, the chat template or the date differ."
    }

    /// Why there are no texts on the page.
    static func missing(_ folder: RunFolder) -> String {
        let name = folder.provenance["data"].map { " (\($0))" } ?? ""
        return "Texts and attention are left out: the run's data set\(name) was not found; give it with --data."
    }

    /// The file of that name and digest, in the run's folder, beside it, or where the program was started.
    private static func find(_ name: String?, _ digest: String?, _ folder: RunFolder) -> DataFile? {
        guard let name, let digest, !name.contains("/") else { return nil }
        let places = [
            folder.url, folder.url.appending(path: ".."), folder.url.appending(path: "../.."), URL(filePath: "."),
        ]
        for place in places {
            let path = place.appending(path: name).standardizedFileURL.path(percentEncoded: false)
            if FileManager.default.fileExists(atPath: path), let file = try? DataFile(path), file.digest == digest {
                return file
            }
        }
        return nil
    }
}
