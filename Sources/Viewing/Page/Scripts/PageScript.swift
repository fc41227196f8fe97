/// The page's program: JavaScript of our own, in the order in which it runs.
enum PageScript {
    static let text = """
        (() => {
        "use strict";
        \([core, columns, map, scatter, ranking, head, texts, attention, writes, steering, monitor, start]
            .joined(separator: "\n\n"))
        })();

        """
}
