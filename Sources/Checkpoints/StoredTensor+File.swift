import DataFiles

extension StoredTensor {
    /// The tensors in one file, in the order of the file: a GGUF file, also one of several, or a safetensors file.
    ///
    /// - Throws: `InputError` if the file is neither, or broken.
    public static func tensors(in file: MappedFile) throws -> [StoredTensor] {
        if file.bytes.starts(with: "GGUF".utf8) { return try GGUFPart(file).tensors }
        let tensors = try SafetensorsFile(file)
        return try tensors.entries.map { try tensors.tensor($0.name) }
    }
}
