import DataFiles
import Directions
import Foundation
import Transformer

/// A plan together with its directions, which is all that a run's edits need.
///
/// ```swift
/// let plan = try LoadedPlan(contentsOf: url)
/// try plan.check(model, workers: workers)
/// let edits = try plan.edits(model.configuration)
/// ```
public struct LoadedPlan: Sendable {
    /// The plan itself, as in `plan.json`.
    public var plan: InterventionPlan
    /// The contents of the plan's directions file; nil for a plan whose directions are all inline.
    public var directions: DirectionFile?
    /// The plan's name in error messages, usually its path.
    public var name: String

    /// Makes a loaded plan from a plan in memory.
    ///
    /// The directions that the plan names must be in `directions`; this is checked when the edits are made.
    public init(_ plan: InterventionPlan, directions: DirectionFile? = nil, name: String = "plan") {
        self.plan = plan
        self.directions = directions
        self.name = name
    }

    /// Reads a `plan.json` and the directions file beside it that it names.
    ///
    /// - Throws: `InputError` with the field if a file is missing or wrong, or if the directions file is a link to
    ///   another folder than the plan's.
    public init(contentsOf url: URL) throws {
        let plan = try InterventionPlan(contentsOf: url)
        let directions = try plan.directions.map { name in
            try DirectionFile(contentsOf: Self.file(name, beside: url))
        }
        self.init(plan, directions: directions, name: url.path(percentEncoded: false))
    }

    /// The file of a given name in the plan's folder.
    private static func file(_ name: String, beside plan: URL) throws -> URL {
        let file = plan.deletingLastPathComponent().appending(path: name)
        // If the plan itself is a link, the directions may be beside the file that it points to.
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

    /// Writes the plan as `plan.json`, and its directions under the name that the plan gives, to a folder, which is
    /// made if it doesn't exist.
    ///
    /// The plan is written last, so that the file that it needs is there when it is.
    ///
    /// - Throws: `InputError` if the folder can't be written to.
    public func write(to folder: URL) throws {
        try AtomicOutput.makeFolder(folder)
        if let directions, let name = plan.directions { try directions.write(to: folder.appending(path: name)) }
        try plan.write(to: folder.appending(path: "plan.json"))
    }
}

extension LoadedPlan {
    /// The plan's edits, for a run of a model with this configuration.
    ///
    /// - Throws: `InputError` if a direction or a value that an edit needs is missing or has the wrong size, or if
    ///   behaviours overlap and the plan doesn't allow it.
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

    /// The resolver of one of the plan's edits.
    func resolver(_ index: Int, headSize: Int, width: Int) -> EditResolver {
        EditResolver(
            edit: plan.edits[index], directions: directions, headSize: headSize, width: width,
            place: "\(name): edits[\(index)]")
    }
}
