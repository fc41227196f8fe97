/// The appearance of the page.
enum PageStyle {
    static let text = [base, layout, heads, texts, plots, dark, print].joined(separator: "\n") + "\n"

    /// Colours, text and controls.
    private static let base = """
        :root { color-scheme: light dark; --ground: #ffffff; --ink: #1d1f23; --dim: #5a606a; --rule: #d9dce1;
          --soft: #f4f5f7; --middle: #eceef1; --positive: #b2182b; --negative: #2166ac; --mark: #ffe9a8; --link: #0b5cad;
          --alarm: #a84300; }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body { margin: 0 auto; padding: 1.25rem 1.25rem 4rem; max-width: 88rem; background: var(--ground); color: var(--ink);
          font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; overflow-wrap: anywhere; }
        h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 0.5rem; }
        h2 { font-size: 1.25rem; line-height: 1.3; margin: 0 0 0.5rem; }
        h3 { font-size: 1rem; margin: 1.25rem 0 0.35rem; }
        p { margin: 0.4rem 0; }
        .dim { color: var(--dim); font-size: 0.875rem; }
        .kind { margin: 0; font-size: 0.75rem; font-weight: 700; letter-spacing: 0.04em; text-transform: uppercase;
          color: var(--dim); }
        .skip { position: absolute; left: -99rem; }
        .skip:focus { left: 1rem; top: 0.5rem; padding: 0.5rem; background: var(--ground); z-index: 2; }
        .heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
        :focus-visible { outline: 3px solid var(--link); outline-offset: 1px; }
        button, select, input { font: inherit; color: inherit; }
        select, button { min-height: 2.25rem; max-width: 100%; padding: 0.2rem 0.6rem; background: var(--ground);
          border: 1px solid var(--dim); border-radius: 0.375rem; }
        button { cursor: pointer; }
        button.link { min-height: 0; padding: 0.1rem 0.3rem; border: 0; background: none; color: var(--link);
          text-decoration: underline; font-variant-numeric: tabular-nums; white-space: nowrap; }
        tbody th { white-space: nowrap; }
        label { white-space: nowrap; }
        input[type="checkbox"] { width: 1.1rem; height: 1.1rem; vertical-align: -0.15rem; }
        """

    /// The layout: side by side on wide screens, stacked on narrow ones.
    private static let layout = """
        dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.15rem 1rem; margin: 0.5rem 0; }
        dt { color: var(--dim); }
        dd { margin: 0; }
        .notes { padding-left: 1.1rem; margin: 0.5rem 0; color: var(--dim); font-size: 0.925rem; }
        main { display: grid; gap: 1.25rem; margin-top: 1.25rem; }
        section { min-width: 0; padding: 1rem 1.1rem 1.1rem; border: 1px solid var(--rule); border-radius: 0.6rem; }
        .controls { display: flex; flex-wrap: wrap; gap: 0.4rem 0.9rem; align-items: center; margin: 0.5rem 0; }
        .controls label { display: inline-flex; gap: 0.4rem; align-items: center; min-width: 0; max-width: 100%; }
        .controls select { min-width: 0; }
        [hidden] { display: none !important; }
        .scroll { overflow-x: auto; }
        .pair { display: grid; gap: 0.5rem 1.5rem; }
        .detail { min-height: 1.5em; font-variant-numeric: tabular-nums; }
        table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
        caption { text-align: left; color: var(--dim); padding-bottom: 0.3rem; }
        th, td { text-align: left; vertical-align: top; padding: 0.22rem 0.6rem; border-bottom: 1px solid var(--rule); }
        th { font-weight: 500; }
        /* A table that is too wide is moved sideways: its words aren't broken. */
        .scroll th, .scroll td { overflow-wrap: normal; }
        thead th { border-bottom: 2px solid var(--rule); font-weight: 600; white-space: nowrap; }
        .right { text-align: right; white-space: nowrap; }
        @media (min-width: 62rem) {
          main.wide { grid-template-columns: minmax(0, 5fr) minmax(0, 6fr); align-items: start; }
          .aside { grid-column: 1; display: grid; gap: 1.25rem; }
          main.wide > #head { grid-column: 2; grid-row: 1; }
          main.wide > .full { grid-column: 1 / -1; }
          .pair { grid-template-columns: repeat(2, minmax(0, 1fr)); }
        }
        .aside { min-width: 0; display: grid; gap: 1.25rem; }
        """

    /// The map and the scatter plot.
    private static let heads = """
        #map { table-layout: fixed; border-spacing: 1px; border-collapse: separate; font-size: 0.6875rem; line-height: 1;
          width: calc(1.6rem + 1px + var(--layers) * (var(--size) + 1px)); overflow-wrap: normal; white-space: nowrap; }
        #map th, #map td { padding: 0; border: 0; text-align: center; vertical-align: middle; }
        #map thead th { width: var(--size); height: 1.1rem; color: var(--dim); font-weight: 400; overflow: visible; }
        #map thead td, #map tbody th { width: 1.6rem; padding-right: 0.3rem; text-align: right; color: var(--dim); font-weight: 400; }
        #map { --size: clamp(0.5rem, calc((100cqi - 2.2rem) / var(--layers) - 1px), 1.6rem); }
        .holder { container-type: inline-size; }
        .cell, #map td[data-head] { width: var(--size); height: var(--size); border-radius: 2px; cursor: pointer;
          background: color-mix(in oklab, var(--positive) calc(var(--t, 0) * 100%), var(--middle)); }
        .cell.negative, #map td.negative {
          background: color-mix(in oklab, var(--negative) calc(var(--t, 0) * 100%), var(--middle)); }
        #map td.unknown { background: none; box-shadow: inset 0 0 0 1px var(--rule); }
        #map td.masked { opacity: 0.22; }
        #map td.chosen { box-shadow: inset 0 0 0 2px var(--ink); }
        #map td[aria-selected="true"] { outline: 3px solid var(--link); outline-offset: 0; position: relative; z-index: 1; }
        #map-scale { display: flex; gap: 0.5rem; align-items: center; font-size: 0.8125rem; color: var(--dim); }
        .bar { display: inline-flex; }
        .bar .cell { width: 1.1rem; height: 0.8rem; border-radius: 0; }
        #ranking tr[aria-current] { background: var(--soft); box-shadow: inset 3px 0 0 var(--link); }
        #ranking tr.chosen th::after { content: " · plan"; color: var(--dim); font-size: 0.8125rem; }
        .source { color: var(--dim); padding-top: 0.7rem; font-weight: 700; }
        """

    /// Tokens coloured by numbers, and texts side by side.
    private static let texts = """
        .text { white-space: pre-wrap; unicode-bidi: isolate; margin: 0.2rem 0; }
        .tokens { line-height: 1.9; white-space: pre-wrap; unicode-bidi: isolate; }
        .token { display: inline; min-height: 0; padding: 0.1rem 0; margin: 0; border: 0; border-radius: 0.2rem;
          white-space: pre-wrap; text-align: left;
          background: color-mix(in oklab, var(--positive) calc(var(--t, 0) * 45%), var(--ground)); }
        .token.negative { background: color-mix(in oklab, var(--negative) calc(var(--t, 0) * 45%), var(--ground)); }
        .token:has(.value) { display: inline-block; max-width: 100%; line-height: 1.5; }
        .token.read { box-shadow: inset 0 -2px 0 var(--ink); }
        .token.later { color: var(--dim); }
        button.token[aria-pressed="true"] { box-shadow: 0 0 0 2px var(--link); }
        .token .value { display: inline-block; margin: 0 0.25rem 0 0.1rem; font-size: 0.6875rem; color: var(--dim);
          font-variant-numeric: tabular-nums; }
        .list { margin: 0; padding: 0; list-style: none; }
        .list > li { padding: 0.4rem 0; border-bottom: 1px solid var(--rule); }
        .score { display: flex; gap: 0.6rem; align-items: baseline; margin: 0; font-variant-numeric: tabular-nums; }
        .label { padding: 0 0.45rem; border-radius: 1rem; font-size: 0.8125rem; border: 1px solid var(--positive); }
        .label.negative { border-color: var(--negative); }
        .inline { columns: 9rem auto; margin: 0; padding: 0; list-style: none; }
        .inline li { margin: 0.15rem 0; break-inside: avoid; }
        .slider { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: 0.6rem; align-items: center;
          max-width: 40rem; }
        input[type="range"] { width: 100%; min-height: 2.25rem; accent-color: var(--link); }
        .comparison { margin: 1rem 0; }
        .prompt { margin-bottom: 0.4rem; padding-left: 0.8rem; border-left: 0.2rem solid var(--rule); }
        .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)); gap: 0.6rem; }
        .columns > div { padding: 0.5rem 0.8rem; border: 1px solid var(--rule); border-radius: 0.5rem; }
        .columns > div:first-child { background: var(--soft); }
        .condition { margin: 0 0 0.2rem; font-weight: 700; font-size: 0.875rem; }
        mark { background: var(--mark); color: inherit; border-radius: 0.15rem; }
        """

    /// Plots.
    private static let plots = """
        .plot { display: block; width: 100%; height: auto; overflow: visible; }
        #scatter { max-width: 36rem; cursor: crosshair; touch-action: manipulation; }
        #strip { max-width: 44rem; }
        #logs .plot { max-width: 56rem; min-width: 30rem; }
        @media (max-width: 40rem) {
          #strip .tick { font-size: 20px; }
          #scatter .tick, #scatter .axis { font-size: 14px; }
          #logs .tick { font-size: 14px; }
          .controls label { min-height: 2.25rem; }
          #ranking th, #ranking td, #logs th, #logs td { padding: 0.22rem 0.35rem; }
        }
        @media screen { #logs .scroll { max-height: 20rem; overflow-y: auto; } }
        .grid { stroke: var(--rule); }
        .zero { stroke: var(--dim); }
        .tick, .axis { fill: var(--dim); font-size: 11px; }
        .axis { fill: var(--ink); font-size: 12px; }
        .point { fill: var(--dim); fill-opacity: 0.55; }
        .point.chosen { fill: var(--positive); fill-opacity: 1; stroke: var(--ground); }
        .ring { fill: none; stroke: var(--link); stroke-width: 2.5; pointer-events: none; }
        .ring.hover { stroke-width: 1.2; stroke: var(--ink); }
        .dot { fill: var(--positive); fill-opacity: 0.6; }
        .dot.negative { fill: var(--negative); }
        #pattern { width: min(100%, 22rem); aspect-ratio: 1; image-rendering: pixelated; border: 1px solid var(--rule);
          cursor: pointer; }
        .line { fill: none; stroke: var(--negative); stroke-width: 1.5; }
        .threshold { stroke: var(--alarm); stroke-dasharray: 5 4; }
        .alarm { fill: var(--alarm); stroke: var(--ground); }
        .allowed { fill: var(--negative); }
        .flagged { fill: #d9a400; }
        .refused { fill: var(--positive); }
        .legend { display: flex; gap: 1rem; font-size: 0.875rem; }
        .key::before { content: ""; display: inline-block; width: 0.8rem; height: 0.8rem; margin-right: 0.35rem;
          vertical-align: -0.05rem; }
        .key.allowed::before { background: var(--negative); }
        .key.flagged::before { background: #d9a400; }
        .key.refused::before { background: var(--positive); }
        """

    private static let dark = """
        @media screen and (prefers-color-scheme: dark) {
          :root { --ground: #15171b; --ink: #e4e6ea; --dim: #a2a9b4; --rule: #363b43; --soft: #20242a; --middle: #2a2e35;
            --positive: #ff7a63; --negative: #6cb2f7; --mark: #5c4a12; --link: #8cc0fa; --alarm: #ffa659; }
        }
        @media (prefers-reduced-motion: no-preference) { button { transition: background 0.1s; } }
        """

    /// The printed page: the current selection, without controls that work only on a screen.
    private static let print = """
        @media print {
          body { max-width: none; padding: 0; font-size: 10pt; }
          main, main.wide { display: block; }
          section { border: 0; padding: 0; margin: 0 0 1rem; }
          h2, h3 { break-after: avoid; }
          li, tr, .comparison, figure { break-inside: avoid; }
          button:not(.token):not(.link), .skip, label:has(input[type="checkbox"]), input[type="range"] { display: none; }
          .scroll { overflow: visible; }
          #scatter { max-width: 24rem; }
          .cell, #map td, .token, mark, .key::before { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          #map td.negative::after { content: "−"; color: var(--ink); font-size: 0.5rem; }
          select { border: 0; appearance: none; padding: 0; }
        }
        """
}
