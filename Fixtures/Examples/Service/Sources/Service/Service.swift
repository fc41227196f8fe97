import Foundation
import HeadSteer
import Hummingbird

/// Streams steered text to any number of clients, each with its own plan:
///
///     curl -N -d '{"prompt": "My day at work was", "sigmas": {"2.1": 8}}' localhost:8080/generate
///
/// usage: Service MODEL LABELLED-TEXTS [PORT]
@main
struct Service {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let model = arguments.first, let data = arguments.dropFirst().first else {
            fatalError("usage: Service MODEL LABELLED-TEXTS [PORT]")
        }
        let port = arguments.dropFirst(2).first.flatMap { Int($0) } ?? 8080
        let writer = try Writer(model: URL(filePath: model), data: URL(filePath: data))
        let router = Router()
        router.post("generate") { request, context in
            try writer.answer(await request.decode(as: Question.self, context: context))
        }
        router.get("load") { _, _ in "\(writer.load)\n" }
        try await Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)))
            .runService()
    }
}

/// What a client asks for: a prompt, and how far each head is pushed, in standard deviations.
struct Question: Decodable, Sendable {
    var prompt: String
    var sigmas: [String: Double]
    var maxTokens: Int?
}

/// One model, and every text that is being written with it.
struct Writer: Sendable {
    private let model: TextModel
    private let directions: [HeadDirection]
    private let service: GenerationService

    init(model url: URL, data: URL) throws {
        model = try TextModel(contentsOf: url)
        let examples = try DataSet(contentsOf: data).labelledExamples
        directions = try model.z(of: examples.map(\.text)).directions(labels: examples.map(\.label))
        let limits = GenerationLimits(waiting: 32, tokens: 512, cacheBytes: 256 << 20, time: .seconds(60))
        service = GenerationService(
            model.model, tokenizer: model.tokenizer, workers: model.workers, limits: limits)
    }

    var load: Int { service.load.texts + service.load.waiting }

    /// Server-sent events: a piece of text each, and the reason for the end.
    func answer(_ question: Question) throws -> Response {
        let stream: AsyncTokenStream
        do {
            let edits = try question.sigmas.map { name, sigmas in
                guard let head = Head(name) else {
                    throw InputError.usage("\(name) as a head", remedy: "write it as layer.head, such as 2.1")
                }
                return try directions[head: head].edit(sigmas: sigmas)
            }
            stream = try service.stream(
                model.request(after: question.prompt, edits: edits, maxTokens: question.maxTokens ?? 32))
        } catch let error as InputError {
            throw HTTPError(.badRequest, message: "\(error)")
        } catch let error as ServiceBusyError {
            throw HTTPError(.serviceUnavailable, message: "\(error)")
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                // Where the client has gone, writing throws; the stream is let go of, and its text ends.
                for await event in stream { try await writer.write(ByteBuffer(string: Self.text(of: event))) }
                try await writer.finish(nil)
            })
    }

    private static func text(of event: GenerationEvent) throws -> String {
        func data(_ text: String) throws -> String {
            String(decoding: try JSONEncoder().encode(["text": text]), as: UTF8.self)
        }
        return switch event {
        case .token(_, let text): "data: \(try data(text))\n\n"
        case .finished(let text, let reason): "data: \(try data(text))\n\nevent: end\ndata: \(reason.rawValue)\n\n"
        }
    }
}
