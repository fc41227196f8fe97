/// All steps from a text to its ids: special tokens, normalization, pre-tokenizing and merging.
protocol EncodingPipeline: Sendable {
    /// - Parameters:
    ///   - text: valid UTF-8.
    ///   - parsing: whether texts that look like special tokens become special tokens.
    /// - Throws: `InputError` if the text grows too long on the way.
    func encode(_ text: UnsafeBufferPointer<UInt8>, parsing: Bool) throws -> [Int]
}
