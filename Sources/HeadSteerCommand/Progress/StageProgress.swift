/// Shows how far work of several stages is.
final class StageProgress {
    private let bar: LiveProgress
    private var current = ""

    /// The title that people read for a stage's name.
    private let title: (String) -> String

    init(_ environment: CommandEnvironment, title: @escaping (String) -> String = { $0 }) {
        bar = LiveProgress(environment.console)
        self.title = title
    }

    func show(_ stage: String, done: Int, of total: Int) {
        if stage != current {
            current = stage
            bar.begin(title(stage), total: total)
        }
        bar.update(done)
    }

    func finish() { bar.finish() }
}
