import DataFiles
import Foundation

/// Writes data of a mapped file to another one.
///
/// - Throws: `InputError` that names the mapped file where it was cut off or became unreadable: other than code that reads
///   such memory, which a signal ends, the system's write tells it by an error.
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
    /// Whether a call of the system was handed memory that can't be read.
    fileprivate var isUnreadableMemory: Bool {
        let error = self as NSError
        if error.domain == NSPOSIXErrorDomain, error.code == Int(EFAULT) { return true }
        return (error.userInfo[NSUnderlyingErrorKey] as? any Error)?.isUnreadableMemory ?? false
    }
}
