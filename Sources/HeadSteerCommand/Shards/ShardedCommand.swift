import Foundation
import Tokenization

/// A command whose work can be divided among several machines.
protocol ShardedCommand: Subcommand {
    var shard: ShardOption { get }
    /// The paths of everything that the command reads.
    var inputPaths: [String] { get }
    /// The options of the chat template, if the command uses one: all shards have to give it the same date.
    ///
    /// - Throws: `InputError` if a file that decides whether one is used can't be read.
    func usedTemplate() throws -> TemplateOptions?
}

extension ShardedCommand {
    /// The parts of a shard, or of the shards that are merged, for a command that computes more after them; nil for a
    /// run without shards.
    ///
    /// - Parameter identity: what the parts depend on.
    func sharedParts(
        _ environment: CommandEnvironment, in folder: URL, identity: @autoclosure () throws -> [String: String]
    ) throws -> SharedWork? {
        guard shard.shard != nil || environment.merging != nil else { return nil }
        return try SharedWork(
            self, environment, folder: shard.shard == nil ? nil : folder, identity: identity(),
            computesAfterwards: true)
    }

    /// The options that every shard needs although they weren't given: today's date, if the template is given it.
    func pinnedArguments() throws -> [String] {
        guard let template = try usedTemplate(), template.date == nil else { return [] }
        return ["--date", "\(CalendarDate.today)"]
    }
}
