import ChatTemplating
import DataFiles
import Foundation

/// One kind of file that strangers send, and the way in which the library uses it.
struct FuzzTarget: Sendable {
    /// The name on the command line, and of the folder with its inputs in `Fixtures/fuzz/corpus`.
    ///
    /// The companion files of an input are in the folder of that name in `Fixtures/fuzz/beside`.
    let name: String
    /// The file name of an input.
    let file: String
    /// Reads the file.
    ///
    /// An error that it throws is a valid answer. Ending the process, or taking much time or memory, is a defect.
    let read: @Sendable (URL) throws -> Void

    init(_ name: String, file: String, read: @escaping @Sendable (URL) throws -> Void) {
        self.name = name
        self.file = file
        self.read = read
    }

    static let all = modelTargets + signatureTargets + textTargets + findingTargets + workTargets
}

/// Tries one of several ways to read a file.
///
/// Any other type of error doesn't name the file and the remedy in a sentence, which is a defect.
func attempt(_ body: () throws -> Void) {
    do {
        try body()
    } catch let error as InputError {
        blackHole(error.description)
    } catch let error as TemplateError {
        blackHole(error.description)
    } catch {
        fatalError("An error that isn't about the file: \(error)")
    }
}

/// Uses a value, so that its computation isn't optimised away.
@inline(never)
func blackHole<Value>(_ value: Value) {}
