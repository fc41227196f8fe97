/// All that happens between a text and its ids: special tokens, normalization, pre-tokenizing, merging.
protocol EncodingPipeline: Sendable {
    /// - Parameters:
    ///   - text: valid UTF-8.
    ///   - parsing: whether texts that look like special tokens are special tokens.
    /// - Throws: `InputError` where the text grows too long on the way.
    func encode(_ text: UnsafeBufferPointer<UInt8>, parsing: Bool) throws -> [Int]
}
