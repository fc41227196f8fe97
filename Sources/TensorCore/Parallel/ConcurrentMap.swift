import Foundation

extension Array where Element: Sendable {
    /// What `transform` makes of each element, on the workers; the first element's error where some fail.
    ///
    /// - Parameter workers: nil for the calling thread alone. The result doesn't depend on it.
    package func concurrentMap<Result>(
        _ workers: WorkerPool?, _ transform: @Sendable (Element) throws -> Result
    ) throws -> [Result] {
        guard let workers, workers.count > 1, count > 1 else { return try map(transform) }
        var results = [Swift.Result<Result, any Error>?](repeating: nil, count: count)
        results.withUnsafeMutableBufferPointer { results in
            // Each task writes its own element alone.
            nonisolated(unsafe) let results = results
            workers.run(count) { index, _ in
                results[index] = Swift.Result { try transform(self[index]) }
            }
        }
        return try results.compactMap { try $0?.get() }
    }
}
