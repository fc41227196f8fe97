import Checkpoints
import DataFiles
import Foundation
import Transformer

extension Unbake {
    static func write(_ folder: HuggingFaceFolder, _ record: BakeRecord, to output: URL) throws {
        guard let originals = try BakeRecord.file(of: folder) else {
            throw broken("no \(BakeRecord.fileName)", folder.path)
        }
        let names = Set(folder.tensorNames)
        if let name = (record.added + record.changed).first(where: { !names.contains($0) }) {
            throw broken("a record of the tensor \(name), which is missing", originals.file.path)
        }
        var weights = WeightFolder(folder)
        weights.removed = Set(record.added)
        for name in record.changed {
            guard let entry = originals[name] else {
                throw broken("no original of the tensor \(name)", originals.file.path)
            }
            let source = originals.file
            weights.replaced[name] = .init(
                name: name, type: entry.type, shape: entry.shape, byteCount: entry.range.count
            ) { emit in try emit(UnsafeRawBufferPointer(rebasing: source.bytes[entry.range])) }
        }
        guard let config = record.files["config.json"] else {
            throw broken("no original of config.json", originals.file.path)
        }
        try weights.write(to: output)
        try AtomicOutput.write(Data(config.utf8), to: output.appending(path: "config.json"))
        if let index = record.files[WeightFolder.indexName] {
            try AtomicOutput.write(Data(index.utf8), to: output.appending(path: WeightFolder.indexName))
        }
        try FolderOutput.copyCompanions(
            of: folder.url, to: output, except: ["config.json", WeightFolder.indexName])
    }
}
