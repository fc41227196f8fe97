/// The appearance of a report's HTML.
enum ReportStyleSheet {
    /// The style sheet; none of its characters has a meaning in XML.
    static let text = light + narrow + dark + print

    private static let light = """
        :root { color-scheme: light dark; --ground: #ffffff; --ink: #1d1f23; --dim: #5c626b; --rule: #d9dce1;
          --soft: #f5f6f8; --mark: #ffe9a8; --link: #0b5cad; --note: #0b5cad; --important: #6b3fa0; --warning: #a85400; }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; scroll-behavior: auto; }
        body { margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 56rem; background: var(--ground);
          color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif;
          overflow-wrap: anywhere; }
        h1 { font-size: 1.9rem; line-height: 1.2; margin: 0.5rem 0 0.75rem; }
        h2 { font-size: 1.35rem; line-height: 1.3; margin: 2.5rem 0 0.75rem; padding-top: 0.75rem;
          border-top: 1px solid var(--rule); }
        h3 { font-size: 1.1rem; margin: 1.75rem 0 0.5rem; }
        p { margin: 0.6rem 0; white-space: pre-line; }
        a { color: var(--link); }
        .summary { font-size: 1.1rem; color: var(--dim); }
        p.dim { color: var(--dim); font-size: 0.875rem; }
        .kind { margin: 0; font-size: 0.75rem; font-weight: 700; letter-spacing: 0.04em; text-transform: uppercase;
          color: var(--dim); }
        nav { margin: 1.25rem 0; padding: 0.75rem 1rem; background: var(--soft); border-radius: 0.5rem; }
        nav ul { margin: 0; padding: 0; list-style: none; }
        nav li { margin: 0.2rem 0; }
        nav .sub { padding-left: 1rem; font-size: 0.925rem; }
        nav a { text-decoration: none; }
        nav a:hover, nav a:focus { text-decoration: underline; }
        dl { margin: 0.75rem 0; }
        dl div { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: 0.3rem 0; border-bottom: 1px solid var(--rule); }
        dt { flex: 0 0 13rem; color: var(--dim); }
        dd { flex: 1 1 18rem; min-width: 0; margin: 0; white-space: pre-wrap; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; font-size: 0.925rem; font-variant-numeric: tabular-nums; margin: 0.75rem 0;
          overflow-wrap: normal; }
        caption { text-align: left; color: var(--dim); padding-bottom: 0.4rem; }
        th, td { text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); }
        th, td { padding: 0.3rem 0.6rem; }
        td { max-width: 32rem; overflow-wrap: break-word; }
        td:first-child { min-width: 8rem; }
        td.right:first-child { min-width: 0; }
        th { border-bottom: 2px solid var(--rule); vertical-align: bottom; }
        .right { text-align: right; }
        td.right, td.whole { white-space: nowrap; }
        table.many { font-size: 0.85rem; }
        table.many th, table.many td { padding: 0.3rem 0.45rem; }
        figure { margin: 1.25rem 0; }
        figure svg { display: block; max-width: 100%; height: auto; border-radius: 0.375rem; }
        figcaption { margin-top: 0.4rem; font-size: 0.925rem; color: var(--dim); white-space: pre-line; }
        pre { overflow-x: auto; padding: 0.75rem 1rem; background: var(--soft); border-radius: 0.5rem;
          font: 0.85rem/1.45 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: normal; }
        .callout { margin: 1rem 0; padding: 0.6rem 1rem; border-left: 0.3rem solid var(--note); background: var(--soft);
          border-radius: 0 0.375rem 0.375rem 0; }
        .callout p:last-child { margin: 0.2rem 0; }
        .note .kind { color: var(--note); }
        .important { border-color: var(--important); }
        .important .kind { color: var(--important); }
        .warning { border-color: var(--warning); }
        .warning .kind { color: var(--warning); }
        .comparison { margin: 1.5rem 0; }
        .prompt { margin-bottom: 0.6rem; padding-left: 0.8rem; border-left: 0.2rem solid var(--rule); }
        .text { white-space: pre-wrap; unicode-bidi: isolate; margin: 0.2rem 0; }
        .columns { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: stretch; }
        .columns div { flex: 1 1 15rem; min-width: 0; padding: 0.6rem 0.8rem; border: 1px solid var(--rule);
          border-radius: 0.5rem; font-size: 0.95rem; }
        .columns .base { background: var(--soft); }
        .condition { margin: 0 0 0.4rem; font-weight: 700; font-size: 0.875rem; }
        .judgements { margin: 0.6rem 0 0; padding: 0.4rem 0 0; border-top: 1px solid var(--rule); list-style: none;
          font-size: 0.85rem; color: var(--dim); }
        mark { background: var(--mark); color: inherit; border-radius: 0.15rem; -webkit-box-decoration-break: clone;
          box-decoration-break: clone; }
        @media screen and (min-width: 75rem) {
          .wide { max-width: 76rem; display: grid; grid-template-columns: 15rem minmax(0, 1fr); gap: 0 2.5rem; }
          .wide header { grid-column: 2; }
          .wide nav { grid-column: 1; grid-row: 1 / span 2; position: sticky; top: 1.5rem; align-self: start; margin: 0;
            max-height: calc(100vh - 3rem); overflow-y: auto; font-size: 0.925rem; }
          .wide main { grid-column: 2; }
        }

        """

    /// Tables with too many columns for the screen: the values of a row one below the other, each with its column's
    /// title.
    ///
    /// On phones, figures keep letters of a readable size and scroll sideways on their own, and the links in the table
    /// of contents leave room for a finger.
    private static let narrow = """
        @media screen and (max-width: 40rem) {
          figure svg { max-width: max(100%, 30rem); }
          nav li { margin: 0; }
          nav a { display: block; padding: 0.25rem 0; }
          ul { padding-left: 1.25rem; }
          table.few { font-size: 0.875rem; }
          table.few th, table.few td { padding: 0.3rem 0.35rem; }
          table.few td { white-space: normal; }
          table.few td:first-child { min-width: 5rem; }
        \(stacked("table.some"))
        }
        @media screen and (max-width: 64rem) {
        \(stacked("table.many"))
        }

        """

    private static func stacked(_ table: String) -> String {
        """
          \(table), \(table) tbody, \(table) caption { display: block; }
          \(table) thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
          \(table) tr { display: block; padding: 0.5rem 0; border-bottom: 1px solid var(--rule); }
          \(table) td { display: flex; justify-content: space-between; gap: 1rem; max-width: none; padding: 0.1rem 0;
            border: none; text-align: right; white-space: normal; }
          \(table) td::before { content: attr(data-label); flex: none; max-width: 50%; color: var(--dim); text-align: left; }
          \(table) td:first-child { font-weight: 700; }
          \(table) td[data-label=""] { justify-content: flex-start; text-align: left; }
          \(table) td[data-label=""]::before { content: none; }
          \(table) td:empty { display: none; }
        """
    }

    private static let dark = """
        @media screen and (prefers-color-scheme: dark) {
          :root { --ground: \(SeriesStyle.darkGround); --ink: #e4e6ea; --dim: #a2a9b4; --rule: #3a3f47; --soft: #21242a;
            --mark: #5c4a12; --link: #7db7f5; --note: #7db7f5; --important: #c3a3ee; --warning: #f0a860; }
        }

        """

    private static let print = """
        @media print {
          body { max-width: none; padding: 0; font-size: 10.5pt; }
          h2, h3 { break-after: avoid; }
          figure, tr, .callout, .comparison { break-inside: avoid; }
          nav { display: none; }
          .scroll { overflow: visible; }
          table { font-size: 0.85em; }
          table.many { font-size: 0.68em; }
          th, td, table.many th, table.many td { padding: 0.2rem 0.3rem; }
          table:has(th:nth-child(7)) td { white-space: normal; }
          table:not(:has(tbody tr:nth-child(20))) { break-inside: avoid; }
          caption, thead { break-after: avoid; }
          td:first-child { min-width: 0; }
          .columns div { flex-basis: 10rem; }
          pre { overflow: visible; white-space: pre-wrap; font-size: 7.5pt; }
          mark { text-decoration: underline; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        }

        """
}
