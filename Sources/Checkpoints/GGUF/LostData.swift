import DataFiles
import Foundation

/// Runs `write`, which writes data of a mapped file to another file.
///
/// - Throws: `InputError` that names the mapped file if it was cut off or became unreadable. Code that reads such
///   memory itself is ended by a signal, but the system's write returns an error.
func writing(from file: MappedFile, _ write: () throws -> Void) throws {
    do {
        try write()
    } catch {
        guard error.isUnreadableMemory else { throw error }
        throw InputError.badData(
            "data that were cut off or became unreadable while they were in use", in: file.path,
            remedy: "leave files alone while they are read, and replace them by renaming others to their names")
    }
}

extension Error {
    /// Whether a system call was given memory that can't be read.
    fileprivate var isUnreadableMemory: Bool {
        let error = self as NSError
        if error.domain == NSPOSIXErrorDomain, error.code == Int(EFAULT) { return true }
        return (error.userInfo[NSUnderlyingErrorKey] as? any Error)?.isUnreadableMemory ?? false
    }
}
