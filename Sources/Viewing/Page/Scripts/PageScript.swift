/// The page's program: our own JavaScript, in the order in which it runs.
enum PageScript {
    static let text = """
        (() => {
        "use strict";
        \([core, columns, map, scatter, ranking, head, texts, attention, writes, steering, monitor, start]
            .joined(separator: "\n\n"))
        })();

        """
}
