import DataFiles
import Foundation

/// Plain sentences without a particular mood or opinion, for measuring what an edit changes besides the behaviour.
public enum NeutralTexts {
    /// Twelve sentences with about 150 tokens.
    ///
    /// This is enough for a stable mean, but little enough that the distributions of all positions fit into memory (30
    /// MB at a vocabulary of 49,152, kept twice).
    public static let sentences = [
        "Water boils at a lower temperature on a high mountain than at sea level.",
        "The library opens at nine in the morning and closes at six on weekdays.",
        "The bridge across the river was built of granite more than a hundred years ago.",
        "Copper conducts electricity better than iron does, which is why cables are made of it.",
        "The train to the coast stops at four stations on its way.",
        "Bees visit flowers to collect nectar and pollen.",
        "The recipe asks for two cups of flour, one cup of milk and a pinch of salt.",
        "Light from the Sun needs about eight minutes to reach the Earth.",
        "The report contains twelve pages, three tables and a list of sources.",
        "Sound travels faster in water than in air.",
        "Paper was made from rags before it was made from wood.",
        "The meeting was moved from Tuesday to Thursday because the room was taken.",
    ]

    /// The lines of a text file, without blank lines.
    ///
    /// - Throws: `InputError` if there is no such file, if it isn't UTF-8, or if it has no line with text.
    public static func lines(contentsOf url: URL) throws -> [String] {
        let file = try MappedFile(contentsOf: url)
        let name = url.lastPathComponent
        guard let text = withExtendedLifetime(file, { String(validating: file.bytes, as: UTF8.self) }) else {
            throw InputError(.unreadable, "text that is not UTF-8", in: name, remedy: "save the file as UTF-8")
        }
        let lines = text.split(whereSeparator: \.isNewline).map { String($0.trimmingWhitespace()) }.filter {
            !$0.isEmpty
        }
        guard !lines.isEmpty else {
            throw InputError.badData("no line with text", in: name, remedy: "write one neutral text a line")
        }
        return lines
    }
}
