import DataFiles

/// Settings that families make the same in all blocks.
extension ModelConfiguration {
    mutating func setAllMLPs(_ mlp: MLPDescription) {
        for layer in blocks.indices { blocks[layer].mlp = mlp }
    }

    mutating func setAllAttention(_ change: (inout AttentionDescription) -> Void) {
        for layer in blocks.indices { change(&blocks[layer].attention) }
    }

    /// Refuses a rotary embedding of only part of a head, in families that rotate whole heads.
    func requireWholeRotation(path: String) throws {
        guard let rotary = blocks.first?.attention.rotary, rotary.size != headSize else { return }
        throw InputError.unsupported(
            "a rotary embedding of \(rotary.size) of the \(headSize) values of a head", in: path,
            remedy: "use a model that rotates whole heads")
    }
}
