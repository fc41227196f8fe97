import DataFiles
import Directions
import Foundation
import Transformer

/// A plan together with its directions: all that a run's edits follow from.
///
/// ```swift
/// let plan = try LoadedPlan(contentsOf: url)
/// try plan.check(model, workers: workers)
/// let edits = try plan.edits(model.configuration)
/// ```
public struct LoadedPlan: Sendable {
    /// The plan itself, as `plan.json` has it.
    public var plan: InterventionPlan
    /// What the plan's directions file holds; nil for a plan whose directions are all inline.
    public var directions: DirectionFile?
    /// The plan's name in error messages: its path.
    public var name: String

    /// A plan that was made in memory. What it names must be in `directions`: that is checked when edits are made of
    /// it.
    public init(_ plan: InterventionPlan, directions: DirectionFile? = nil, name: String = "plan") {
        self.plan = plan
        self.directions = directions
        self.name = name
    }

    /// Reads a `plan.json` and the directions file that it names, which lies beside it.
    ///
    /// - Throws: `InputError` if a file is missing or wrong, with the field, or the directions' name is a link to another
    ///   folder than the plan's.
    public init(contentsOf url: URL) throws {
        let plan = try InterventionPlan(contentsOf: url)
        let directions = try plan.directions.map { name in
            try DirectionFile(contentsOf: Self.file(name, beside: url))
        }
        self.init(plan, directions: directions, name: url.path(percentEncoded: false))
    }

    /// The file of that name in the plan's folder.
    private static func file(_ name: String, beside plan: URL) throws -> URL {
        let file = plan.deletingLastPathComponent().appending(path: name)
        // Where the plan is a link itself, the directions may lie beside what it leads to.
        let folders =
            [plan.deletingLastPathComponent().resolvingSymlinksInPath()]
            + [plan.resolvingSymlinksInPath().deletingLastPathComponent()]
        let place = file.resolvingSymlinksInPath().deletingLastPathComponent()
        guard folders.contains(where: { $0.standardizedFileURL.path == place.standardizedFileURL.path }) else {
            throw InputError.badData(
                "a directions file (\(name)) that is a link to another folder", in: plan.path(percentEncoded: false),
                remedy: "copy the file to the plan's folder")
        }
        return file
    }

    /// Writes the plan as `plan.json` and its directions under the name that it has for them into a folder, which is made
    /// if it doesn't exist. The plan comes last: where it is, the file that it needs is there too.
    ///
    /// - Throws: `InputError` if the folder can't be written to.
    public func write(to folder: URL) throws {
        try AtomicOutput.makeFolder(folder)
        if let directions, let name = plan.directions { try directions.write(to: folder.appending(path: name)) }
        try plan.write(to: folder.appending(path: "plan.json"))
    }
}

extension LoadedPlan {
    /// The plan's edits, for a run of a model of that configuration.
    ///
    /// - Throws: `InputError` if a direction or a value that an edit needs is missing or of the wrong size, or two
    ///   behaviours meet where the plan says that they may not.
    public func edits(_ configuration: ModelConfiguration) throws -> [Edit] {
        try edits(headSize: configuration.headSize, width: configuration.width)
    }

    /// The plan's edits, for heads of `headSize` values and a residual stream of `width`; see ``edits(_:)``.
    public func edits(headSize: Int, width: Int) throws -> [Edit] {
        let resolved = try plan.edits.indices.map {
            try resolver($0, headSize: headSize, width: width).resolved()
        }
        return try plan.resolvingOverlaps(resolved, place: name)
    }

    /// What turns one of the plan's edits into a run's.
    func resolver(_ index: Int, headSize: Int, width: Int) -> EditResolver {
        EditResolver(
            edit: plan.edits[index], directions: directions, headSize: headSize, width: width,
            place: "\(name): edits[\(index)]")
    }
}
