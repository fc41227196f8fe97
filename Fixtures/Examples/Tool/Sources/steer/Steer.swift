import ArgumentParser
import Foundation
import HeadSteer

/// Continues a prompt with one head pushed along the direction that tells labelled texts apart.
@main
struct Steer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Continues a prompt with one head pushed along what labelled texts differ in.")

    @Argument(help: "A .gguf file or a Hugging Face folder.") var model: String
    @Argument(help: "What to continue.") var prompt: String
    @Option(help: "Labelled texts: JSON Lines with the fields text, label and group.") var data: String
    @Option(help: "The head, such as 2.1 for head 1 of layer 2.") var head: Head
    @Option(help: "How far, in standard deviations of the texts along the direction.") var sigmas = 4.0
    @Option(help: "The most tokens to write.") var maxTokens = 32

    func run() async throws {
        do {
            try await steer()
        } catch let error as InputError {
            // One line that names the file, what is wrong in it and what to do.
            FileHandle.standardError.write(Data("error: \(error)\n".utf8))
            throw ExitCode(error.kind.general == .usage ? 64 : 65)
        }
    }

    private func steer() async throws {
        let model = try TextModel(contentsOf: URL(filePath: model))
        let examples = try DataSet(contentsOf: URL(filePath: data)).labelledExamples
        let directions = try model.z(of: examples.map(\.text)).directions(labels: examples.map(\.label))
        let edits = [try directions[head: head].edit(sigmas: sigmas)]
        let request = try model.request(after: prompt, edits: edits, maxTokens: maxTokens)
        for await event in try model.stream(request) {
            switch event {
            case .token(_, let text): print(text, terminator: "")
            case .finished(let text, let reason): print(text, "(\(reason.rawValue))")
            }
        }
    }
}

extension Head: @retroactive ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
