/// Traps with a message if the caller broke a rule that it could have kept.
///
/// Swift's function of this name prints its message in debug builds only: a release build ends in "Illegal instruction"
/// and tells nobody why. This one hides Swift's in every file that imports the module, and always prints. The message
/// is built only if the condition fails.
@inlinable @inline(__always)
package func precondition(
    _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID,
    line: UInt = #line
) {
    if !condition() { fatalError(message(), file: file, line: line) }
}

/// Traps with a message because the caller broke a rule that it could have kept, in release builds too.
package func preconditionFailure(
    _ message: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) -> Never {
    fatalError(message(), file: file, line: line)
}
