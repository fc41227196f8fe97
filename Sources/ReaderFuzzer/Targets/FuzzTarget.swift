import ChatTemplating
import DataFiles
import Foundation

/// One kind of file that strangers send, and what the library does with it.
struct FuzzTarget: Sendable {
    /// The name on the command line, and of the folder with its inputs in `Fixtures/fuzz/corpus`. What has to lie beside an
    /// input is in the folder of that name in `Fixtures/fuzz/beside`.
    let name: String
    /// The name under which an input is laid down to be read.
    let file: String
    /// Reads the file. What it throws is an answer; whatever ends the process, takes long or takes much memory is a defect.
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
/// Any other error than these has no sentence that names the file and the remedy: a defect.
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

/// Uses a value, so that what computes it isn't left out.
@inline(never)
func blackHole<Value>(_ value: Value) {}
