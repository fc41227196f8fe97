import Foundation

extension Array where Element: Sendable {
    /// The results of `transform` for each element, computed on the workers; if some fail, the error of the first of
    /// them is thrown.
    ///
    /// - Parameter workers: nil to use only the calling thread. The result doesn't depend on it.
    package func concurrentMap<Result>(
        _ workers: WorkerPool?, _ transform: @Sendable (Element) throws -> Result
    ) throws -> [Result] {
        guard let workers, workers.count > 1, count > 1 else { return try map(transform) }
        var results = [Swift.Result<Result, any Error>?](repeating: nil, count: count)
        results.withUnsafeMutableBufferPointer { results in
            // Each task writes only its own element.
            nonisolated(unsafe) let results = results
            workers.run(count) { index, _ in
                results[index] = Swift.Result { try transform(self[index]) }
            }
        }
        return try results.compactMap { try $0?.get() }
    }
}
